# SPDX-License-Identifier: Apache-2.0
"""nova-lite-status upgrade check: 0 ready, 1 with warnings, 2 not ready, 255 an error."""

import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

from oslo_upgradecheck import upgradecheck

from nova_lite.base.conf import CONF
from nova_lite.cmd.startup import begin_command
from nova_lite.conductor import readiness

PROG: Final = "nova-lite-status"


class Checks(upgradecheck.UpgradeCommands):
    """The checks of nova_lite.conductor.readiness, printed by oslo.upgradecheck."""

    def __init__(self, conf: Any) -> None:
        self._upgrade_checks = tuple(
            (name, _as_result(conf, check)) for name, check in readiness.CHECKS
        )


def _as_result(
    conf: Any, check: Callable[[Any], readiness.Verdict]
) -> Callable[[Checks], upgradecheck.Result]:
    def run(_self: Checks) -> upgradecheck.Result:
        verdict = check(conf)
        return upgradecheck.Result(upgradecheck.Code(verdict.level), verdict.details)

    return run


def main(arguments: Sequence[str] | None = None) -> int:
    words = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    upgradecheck.register_cli_options(CONF, Checks(CONF))
    read = begin_command(PROG, words)
    upgradecheck.CONF = read
    return int(upgradecheck.run(read))


if __name__ == "__main__":
    sys.exit(main())
