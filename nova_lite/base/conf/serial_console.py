# SPDX-License-Identifier: Apache-2.0
"""[serial_console]"""

import re

from oslo_config import cfg

GROUP = "serial_console"
_RANGE = re.compile(r"([0-9]{1,5}):([0-9]{1,5})")


class PortRange(cfg.types.ConfigType):
    """FIRST:LAST, as text. ValueError for anything else."""

    def __init__(self) -> None:
        super().__init__(type_name="ports FIRST:LAST")

    def __call__(self, value: str) -> str:
        bounds(value)
        return value

    def __repr__(self) -> str:
        return "PortRange"

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def _formatter(self, value: str) -> str:
        return value


def bounds(value: str) -> tuple[int, int]:
    """The first port and the last one."""
    found = _RANGE.fullmatch(value)
    if found is None or not 0 < int(found[1]) <= int(found[2]) < 1 << 16:
        raise ValueError(f"{value!r} is not FIRST:LAST, two ports in that order")
    return int(found[1]), int(found[2])


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
    cfg.Opt(
        "port_range",
        type=PortRange(),
        default="10000:20000",
        help="TCP ports for serial ports of guests, FIRST:LAST. One for each guest.",
    ),
    cfg.StrOpt(
        "base_url",
        default="ws://127.0.0.1:6083/",
        help="What users' links begin with: the public address of nova-lite-serialproxy. The "
        "same address with http or https, and the same token, shows a page.",
    ),
    cfg.HostAddressOpt(
        "serialproxy_host", default="0.0.0.0", help="Where nova-lite-serialproxy listens."
    ),
    cfg.PortOpt("serialproxy_port", default=6083, help="Its port."),
]
