# SPDX-License-Identifier: Apache-2.0
"""[vnc]"""

from oslo_config import cfg

GROUP = "vnc"

OPTIONS: list[cfg.Opt] = [
    cfg.BoolOpt("enabled", default=True, help="Guests have a VNC screen."),
    cfg.StrOpt("server_listen", default="127.0.0.1", help="Where the guests' VNC servers listen."),
    cfg.StrOpt(
        "server_proxyclient_address",
        default="127.0.0.1",
        help="The address at which a console proxy reaches them.",
    ),
    cfg.URIOpt(
        "novncproxy_base_url",
        default="http://127.0.0.1:6080/vnc_auto.html",
        help="What users' links to screens begin with: the public address of nova-lite-novncproxy, "
        "and noVNC's page.",
    ),
]
