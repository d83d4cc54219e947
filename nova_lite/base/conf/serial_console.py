# SPDX-License-Identifier: Apache-2.0
"""[serial_console]"""

from oslo_config import cfg

GROUP = "serial_console"

OPTIONS: list[cfg.Opt] = [
    cfg.BoolOpt(
        "enabled",
        default=False,
        help="The first serial port of guests can be reached over TCP, so that people can log in "
        "there. What they write to it is kept in the console log either way.",
    ),
    cfg.StrOpt(
        "proxyclient_address",
        default="127.0.0.1",
        help="The address of this host where guests' serial ports listen and a console proxy "
        "reaches them.",
    ),
    cfg.StrOpt(
        "base_url",
        default="ws://127.0.0.1:6083/",
        help="What users' links begin with: the public address of nova-lite-serialproxy.",
    ),
]
