# SPDX-License-Identifier: Apache-2.0
"""The proxies: what differs between them, as a table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nova_lite.domain.console import ConsoleType

OWN_PAGES: Final = Path(__file__).with_name("web")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """group, host, port: the options of where it listens. `web`: its pages, unless [DEFAULT] web
    says otherwise (`own_pages`: whatever that says). pages: path -> where browsers are sent
    instead, with the query added. `rfb`: security is agreed with the host first."""

    prog: str
    types: tuple[ConsoleType, ...]
    group: str
    host: str
    port: str
    web: Path
    own_pages: bool = False
    pages: Mapping[str, str] = field(default_factory=dict)
    rfb: bool = False
    advice: str = ""


NOVNC: Final = Kind(
    prog="nova-lite-novncproxy",
    types=(ConsoleType.NOVNC,),
    group="vnc",
    host="novncproxy_host",
    port="novncproxy_port",
    web=Path("/usr/share/novnc"),
    # noVNC has one page today; the older name is what links are made with.
    pages={"/vnc_auto.html": "vnc.html?autoconnect=true&resize=scale"},
    rfb=True,
    advice="apt install novnc, or set [DEFAULT] web",
)
SERIAL: Final = Kind(
    prog="nova-lite-serialproxy",
    types=(ConsoleType.SERIAL,),
    group="serial_console",
    host="serialproxy_host",
    port="serialproxy_port",
    web=OWN_PAGES,
    own_pages=True,
    pages={"/": "serial.html"},
)
SPICE: Final = Kind(
    prog="nova-lite-spicehtml5proxy",
    types=(ConsoleType.SPICE_HTML5,),
    group="spice",
    host="html5proxy_host",
    port="html5proxy_port",
    web=Path("/usr/share/spice-html5"),
    advice="apt install spice-html5, or set [DEFAULT] web",
)
KINDS: Final = (NOVNC, SERIAL, SPICE)
