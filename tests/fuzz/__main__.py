# SPDX-License-Identifier: Apache-2.0
"""Requests that nobody would think of, against what the API says of itself.

    python -m tests.fuzz [--requests 20000] [--backend eventlet] [--seed 1]

Schemathesis makes them from the OpenAPI document, good and broken ones, and checks every answer.
Rounds of passes follow each other, each with a seed of its own, until there were enough.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.campaign import PASSES, Campaign
from tests.fuzz.service import running


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000, help="at least so many")
    parser.add_argument("--backend", choices=["eventlet", "threading"], default="threading")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the first pass")
    parser.add_argument("--examples", type=int, default=100, help="for each call and pass")
    parser.add_argument("--output", type=Path, help="a folder for logs and reports")
    args = parser.parse_args()
    folder = args.output or Path(tempfile.mkdtemp(prefix="nova-lite-fuzz-"))
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    log = folder / "service.log"
    with running(log, args.backend) as address:
        campaign = Campaign(address, folder)
        seed = args.seed
        while not campaign.failed and campaign.total() < args.requests:
            for which in PASSES:
                campaign.run(which, seed, args.examples)
                seed += 1
    print(
        f"\n{campaign.total()} requests in {time.monotonic() - began:.0f} s: {campaign.statuses()}"
    )
    for label in campaign.never_good():
        print(f"never with success: {label}")
    print(f"seeds {args.seed} to {seed - 1}, back end {args.backend}, output in {folder}")
    if campaign.failed:
        print(f"FAILED: {', '.join(campaign.failed)}")
    return 1 if campaign.failed else 0


if __name__ == "__main__":
    sys.exit(main())
