# SPDX-License-Identifier: Apache-2.0
"""[api]: how the REST API behaves."""

from oslo_config import cfg

GROUP = "api"

OPTIONS: list[cfg.Opt] = [
    cfg.StrOpt(
        "auth_strategy",
        default="keystone",
        choices=["keystone", "http_basic", "noauth2"],
        help="Who checks callers: Keystone, a password file, or (tests only) nobody.",
    ),
    cfg.StrOpt(
        "http_basic_auth_user_file",
        default="/etc/nova-lite/htpasswd",
        help="Users and bcrypt password hashes for auth_strategy http_basic (htpasswd -B).",
    ),
    cfg.StrOpt(
        "http_basic_identity_file",
        default="/etc/nova-lite/identities.yaml",
        help="Project and roles of each user of auth_strategy http_basic.",
    ),
    cfg.IntOpt("max_limit", default=1000, min=0, help="The most that one page of a list holds."),
    cfg.StrOpt("compute_link_prefix", help="What links in answers begin with, instead."),
    cfg.StrOpt("glance_link_prefix", help="What links to images begin with, instead."),
    cfg.BoolOpt("enable_instance_password", default=True, help="Return adminPass."),
    cfg.StrOpt("dhcp_domain", default="novalocal", help="Domain of the guests' host names."),
]
