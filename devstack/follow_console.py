#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""follow_console.py SERVER [SECONDS]: prints a server's console log as it grows.

Ends with exit code 0 at the login prompt, 1 when SECONDS (default 180) have passed without it or
the server is not there.
The cloud is that of OS_CLOUD, OS_CLIENT_CONFIG_FILE or the OS_* variables.
"""

import argparse
import re
import sys
import time

import openstack

PROMPT = re.compile(r"^[\w.-]+ login: ?\Z", re.MULTILINE)
ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[a-zA-Z]|c)")
PAUSE = 1.0  # seconds


class Console:
    """The console log of one server, and how much of it has been taken already."""

    def __init__(self, name: str) -> None:
        self._compute = openstack.connect().compute
        self._server = self._compute.find_server(name, ignore_missing=False)
        self._taken = ""

    def take(self) -> str:
        """What is new: all of it when the log began anew."""
        answer = self._compute.get_server_console_output(self._server) or {}
        # Without terminal control sequences, and with plain line ends.
        text = ESCAPES.sub("", answer.get("output") or "").replace("\r", "")
        known, self._taken = self._taken, text
        return text[len(known) :] if text.startswith(known) else text


def follow(console: Console, seconds: float) -> bool:
    """Print until the prompt (True) or until the time is up."""
    deadline = time.monotonic() + seconds
    seen = ""
    while True:
        text = console.take()
        sys.stdout.write(text)
        sys.stdout.flush()
        seen += text
        if PROMPT.search(seen):
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("server")
    parser.add_argument("seconds", nargs="?", type=float, default=180.0)
    args = parser.parse_args()
    try:
        console = Console(args.server)
        found = follow(console, args.seconds)
    except openstack.exceptions.SDKException as error:
        print(f"follow_console.py: {error}", file=sys.stderr)
        return 1
    print()
    if not found:
        print(f"follow_console.py: no login prompt after {args.seconds:g} s", file=sys.stderr)
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
