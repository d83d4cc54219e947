# SPDX-License-Identifier: Apache-2.0
"""[console], and what all console proxies read of [DEFAULT]."""

from oslo_config import cfg

GROUP = "console"
PROXY_GROUP = "DEFAULT"
DEFAULT_CERT = "self.pem"

OPTIONS: list[cfg.Opt] = [
    cfg.ListOpt(
        "allowed_origins",
        default=[],
        help="Names of hosts whose pages may open consoles, besides the name by which the proxy "
        "itself was reached: those of dashboards that show consoles, and of balancers that pass "
        "on another name.",
    ),
    cfg.StrOpt("ssl_ciphers", help="Ciphers for TLS up to 1.2, as OpenSSL calls them."),
    cfg.StrOpt(
        "ssl_minimum_version",
        default="default",
        choices=["default", "tlsv1_1", "tlsv1_2", "tlsv1_3"],
        help="The oldest TLS that browsers may use; default: as the system's OpenSSL has it.",
    ),
]

PROXY_OPTIONS: list[cfg.Opt] = [
    cfg.StrOpt(
        "cert",
        default=DEFAULT_CERT,
        help="The certificate of the console proxies, a file in PEM. Without one they serve "
        "without encryption.",
    ),
    cfg.StrOpt("key", help="Its key; unset: it is in the file of the certificate."),
    cfg.BoolOpt(
        "ssl_only",
        default=False,
        help="Refuse browsers that come without encryption. The proxies take both at the same "
        "port otherwise.",
    ),
    cfg.StrOpt(
        "web",
        help="The folder of pages that a proxy serves; unset: those of the Debian packages novnc "
        "(/usr/share/novnc) and spice-html5 (/usr/share/spice-html5). The page for serial consoles "
        "is our own.",
    ),
]
