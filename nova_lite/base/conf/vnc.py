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
    cfg.HostAddressOpt(
        "novncproxy_host", default="0.0.0.0", help="Where nova-lite-novncproxy listens."
    ),
    cfg.PortOpt("novncproxy_port", default=6080, help="Its port."),
    cfg.ListOpt(
        "auth_schemes",
        item_type=cfg.types.String(choices=["none", "vencrypt"]),
        default=["none"],
        help="How the proxy makes itself known to hosts, best first: none, or vencrypt (TLS with "
        "certificates). What a host has first of these is done.",
    ),
    cfg.StrOpt("vencrypt_client_key", help="The key of vencrypt_client_cert, a file in PEM."),
    cfg.StrOpt(
        "vencrypt_client_cert", help="The certificate that the proxy shows to hosts, in PEM."
    ),
    cfg.StrOpt(
        "vencrypt_ca_certs",
        help="Certificates of the authorities that hosts' certificates are of, in PEM.",
    ),
]
