# SPDX-License-Identifier: Apache-2.0
"""The report of a daemon about itself, written after SIGUSR2: version, threads, options."""

import logging
import sys

from nova_lite.base import conf as base_conf
from nova_lite.base import log

LOG = logging.getLogger(__name__)


class _Version:
    """What oslo.reports asks about the program."""

    def __init__(self, prog: str) -> None:
        self._prog = prog

    def vendor_string(self) -> str:
        return "nova-lite"

    def product_string(self) -> str:
        return self._prog

    def version_string_with_package(self) -> str:
        return base_conf.version()


def write(prog: str) -> None:
    """Write it to stderr. The library is loaded only now: hardly any process ever needs it."""
    try:
        from oslo_reports import guru_meditation_report

        text = guru_meditation_report.TextGuruMeditation(_Version(prog)).run()
        sys.stderr.write(f"{log.mask(text)}\n")
        sys.stderr.flush()
    except Exception:
        LOG.exception("The report could not be made")
