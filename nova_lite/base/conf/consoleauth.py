# SPDX-License-Identifier: Apache-2.0
"""[consoleauth]: the tokens that open consoles."""

from oslo_config import cfg

GROUP = "consoleauth"

OPTIONS: list[cfg.Opt] = [
    cfg.IntOpt(
        "token_ttl",
        default=600,
        min=1,
        help="Seconds for which a link to a console can be opened. Whoever has the link has the "
        "console.",
    ),
    cfg.BoolOpt(
        "single_use",
        default=False,
        help="A link opens a console once. Pages cannot connect again by themselves then.",
    ),
    cfg.BoolOpt(
        "enforce_session_timeout",
        default=False,
        help="A console that is open is closed when its link expires.",
    ),
]
