# SPDX-License-Identifier: Apache-2.0
"""[api]: how the REST API behaves."""

from oslo_config import cfg, types

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
    # --- what guests are told --------------------------------------------------------------
    cfg.StrOpt("dhcp_domain", default="novalocal", help="Domain of the guests' host names."),
    cfg.StrOpt(
        "config_drive_skip_versions",
        default="1.0 2007-01-19 2007-03-01 2007-08-29 2007-10-10 2007-12-15 2008-02-01 2008-09-01",
        help="EC2 versions that config drives go without, with spaces between.",
    ),
    cfg.IntOpt(
        "metadata_cache_expiration",
        default=15,
        min=0,
        help="Seconds that the metadata service keeps what it knows of a server; 0: it asks anew "
        "for each request.",
    ),
    cfg.ListOpt(
        "vendordata_providers",
        item_type=types.String(choices=["StaticJSON", "DynamicJSON"]),
        default=["StaticJSON"],
        help="What of yours guests are told: StaticJSON, the file; DynamicJSON, what the services "
        "of vendordata_dynamic_targets answer.",
    ),
    cfg.StrOpt("vendordata_jsonfile_path", help="The file of StaticJSON."),
    cfg.ListOpt(
        "vendordata_dynamic_targets", default=[], help="Services to ask, each as name@url."
    ),
    cfg.IntOpt(
        "vendordata_dynamic_connect_timeout",
        default=5,
        min=3,
        help="Seconds that such a service gets to take the connection.",
    ),
    cfg.IntOpt(
        "vendordata_dynamic_read_timeout",
        default=5,
        min=1,
        help="Seconds that it gets to answer.",
    ),
    cfg.StrOpt("vendordata_dynamic_ssl_certfile", help="CA bundle for such services with https."),
    cfg.BoolOpt(
        "vendordata_dynamic_failure_fatal",
        default=False,
        help="A service that does not answer is an error for the guest (or ends the build, with "
        "a config drive), instead of {}.",
    ),
]
