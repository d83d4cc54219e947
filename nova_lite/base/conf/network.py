# SPDX-License-Identifier: Apache-2.0
"""[network]: who connects guests, and how the built-in network does it on a host."""

from oslo_config import cfg

GROUP = "network"

OPTIONS: list[cfg.Opt] = [
    cfg.StrOpt(
        "backend",
        default="none",
        help="none, user (the hypervisor's own NAT), or fake.",
    ),
    # --- nova-lite-network -----------------------------------------------------------------
    cfg.StrOpt(
        "files_path",
        default="$state_path/network",
        help="Where the network daemon keeps the files of dnsmasq and what it has to remember.",
    ),
    cfg.HostAddressOpt(
        "tunnel_address",
        default="$my_ip",
        help="The address of this host in tunnels (vxlan): one that the other hosts reach.",
    ),
    cfg.PortOpt("tunnel_port", default=4789, help="The UDP port of tunnels, the same everywhere."),
    cfg.DictOpt(
        "physical_networks",
        default={},
        help="Physical network -> device of this host, as in provider:eth1. A device without "
        "addresses is taken into the bridge of a flat network; where it is a bridge itself, the "
        "two are joined.",
    ),
    cfg.StrOpt(
        "external_device",
        help="The device at which this host answers for floating addresses of external networks "
        "without a physical network here. Unset: they are reached from this host alone.",
    ),
    cfg.StrOpt(
        "transit_cidr",
        default="169.254.96.0/19",
        help="Addresses between the host and the namespaces of its networks; they never leave "
        "it. One for each network.",
    ),
    cfg.ListOpt(
        "dns_servers",
        default=[],
        help="Where dnsmasq asks for names; unset: the name servers of this host.",
    ),
    cfg.StrOpt("dns_domain", default="novalocal", help="The domain of guests' names."),
    cfg.IntOpt("dhcp_lease_time", default=86400, min=120, help="Seconds."),
    cfg.MultiStrOpt(
        "dnsmasq_option", default=[], help="One more line for dnsmasq's file; may be repeated."
    ),
    cfg.BoolOpt(
        "guests_reach_host",
        default=False,
        help="Let guests open connections to this host's own services.",
    ),
    cfg.IntOpt(
        "repair_interval",
        default=30,
        min=1,
        help="Seconds between comparisons of what is there with what should be. Changes of "
        "devices and dead processes are noticed at once.",
    ),
    cfg.HostAddressOpt(
        "metadata_host",
        default="$my_ip",
        help="Where the relay on this host finds nova-lite-api-metadata.",
    ),
    cfg.PortOpt("metadata_port", default=8775, help="The port of nova-lite-api-metadata."),
]
