#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""follow_console.py SERVER [SECONDS]: prints a server's console log as it grows.

Ends with exit code 0 at the login prompt, 1 when SECONDS (default 180) have passed without it or
the server is not there. The cloud is that of OS_CLOUD, OS_CLIENT_CONFIG_FILE or the OS_* variables.
"""

import re
import sys
import time

import openstack

PROMPT = re.compile(r"^[\w.-]+ login: ?\Z", re.MULTILINE)
ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[a-zA-Z]|c)")
PAUSE = 1.0  # seconds


def readable(text: str) -> str:
    """Without terminal control sequences, and with plain line ends."""
    return ESCAPES.sub("", text).replace("\r", "")


def follow(name: str, seconds: float) -> bool:
    compute = openstack.connect().compute
    server = compute.find_server(name, ignore_missing=False)
    deadline = time.monotonic() + seconds
    shown = ""
    while True:
        answer = compute.get_server_console_output(server) or {}
        text = readable(answer.get("output") or "")
        if text.startswith(shown):
            sys.stdout.write(text[len(shown) :])
        else:
            sys.stdout.write(text)  # the log began anew, or its beginning was cut off
        sys.stdout.flush()
        shown = text
        if PROMPT.search(text):
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE)


def main() -> int:
    if len(sys.argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    seconds = float(sys.argv[2]) if len(sys.argv) == 3 else 180.0
    try:
        found = follow(sys.argv[1], seconds)
    except openstack.exceptions.SDKException as error:
        print(f"follow_console.py: {error}", file=sys.stderr)
        return 1
    print()
    if not found:
        print(f"follow_console.py: no login prompt after {seconds:g} s", file=sys.stderr)
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
