# SPDX-License-Identifier: Apache-2.0
"""[spice]"""

from oslo_config import cfg

GROUP = "spice"

OPTIONS: list[cfg.Opt] = [
    cfg.BoolOpt(
        "enabled",
        default=False,
        help="Guests have a SPICE screen, beside the VNC one unless that is off.",
    ),
    cfg.BoolOpt(
        "agent_enabled",
        default=True,
        help="Guests have a channel for the agent of SPICE (clipboard, size of the screen).",
    ),
    cfg.StrOpt(
        "server_listen", default="127.0.0.1", help="Where the guests' SPICE servers listen."
    ),
    cfg.StrOpt(
        "server_proxyclient_address",
        default="127.0.0.1",
        help="The address at which a console proxy reaches them.",
    ),
    cfg.URIOpt(
        "html5proxy_base_url",
        default="http://127.0.0.1:6082/spice_auto.html",
        help="What users' links begin with: the public address of nova-lite-spicehtml5proxy, and "
        "the page.",
    ),
    cfg.HostAddressOpt(
        "html5proxy_host", default="0.0.0.0", help="Where nova-lite-spicehtml5proxy listens."
    ),
    cfg.PortOpt("html5proxy_port", default=6082, help="Its port."),
    cfg.URIOpt(
        "spice_direct_proxy_base_url",
        default="http://127.0.0.1:13002/nova",
        help="What links for native SPICE clients begin with: a proxy that is not part of this "
        "project.",
    ),
]
