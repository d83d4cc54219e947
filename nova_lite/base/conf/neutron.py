# SPDX-License-Identifier: Apache-2.0
"""[neutron]: what is shared with the relays of the metadata service."""

from oslo_config import cfg

GROUP = "neutron"

OPTIONS: list[cfg.Opt] = [
    cfg.BoolOpt(
        "service_metadata_proxy",
        default=True,
        help="The metadata service is asked by relays, which sign for who asks. There is no other "
        "way.",
    ),
    cfg.StrOpt(
        "metadata_proxy_shared_secret",
        default="",
        secret=True,
        help="Signs the headers that tell the metadata service which server asks. The same for "
        "the relays (Neutron's, or nova-lite-network) and nova-lite-api-metadata.",
    ),
]
