# SPDX-License-Identifier: Apache-2.0
"""[network]: who connects guests, and how the built-in network does it on a host."""

from typing import Any

from oslo_config import cfg, types

from nova_lite.base.conf.serial_console import PortRange

GROUP = "network"
COUNTED = ("network", "subnet", "port", "floatingip", "security_group", "security_group_rule")


class Amounts(types.Dict):
    """What is counted -> how much of it; -1 for any number."""

    def __init__(self) -> None:
        super().__init__(value_type=types.Integer(min=-1))

    def __call__(self, value: Any) -> dict[str, int]:
        found = {name: self.value_type(number) for name, number in super().__call__(value).items()}
        unknown = sorted(set(found) - set(COUNTED))
        if unknown:
            raise ValueError(f"{', '.join(unknown)}: one of {', '.join(COUNTED)} is meant")
        return found


OPTIONS: list[cfg.Opt] = [
    cfg.StrOpt(
        "backend",
        default="none",
        help="none, user (the hypervisor's own NAT), local (the built-in network), or fake.",
    ),
    # --- user mode, on a compute host ------------------------------------------------------
    cfg.BoolOpt(
        "user_ssh",
        default=True,
        help="Forward a TCP port of the host to the ssh server of each guest in user mode; "
        "'nova-lite server ssh' uses it.",
    ),
    cfg.IPOpt(
        "user_ssh_listen",
        version=4,
        default="127.0.0.1",
        help="Where these ports listen. Whoever reaches this address reaches the guests.",
    ),
    cfg.Opt(
        "user_ssh_ports",
        type=PortRange(),
        default="22000:22999",
        help="The ports, FIRST:LAST. A guest keeps the one that it has got.",
    ),
    # --- the built-in network, in the conductor --------------------------------------------
    cfg.StrOpt(
        "default_mode",
        default="vxlan",
        choices=("vxlan", "vlan", "flat"),
        help="What a network is whose maker does not say it.",
    ),
    cfg.IntOpt(
        "mtu",
        default=1500,
        min=576,
        max=65535,
        help="The largest packet between hosts. Networks over tunnels get 50 bytes less.",
    ),
    cfg.Opt(
        "quotas",
        type=Amounts(),
        default={},
        help="What a project may have of network, subnet, port, floatingip, security_group and "
        "security_group_rule, as in port:1000; -1 for any number. The others keep their "
        "defaults.",
    ),
    cfg.BoolOpt(
        "project_networks",
        default=False,
        help="Make a network for a project that has none when its first server wants one.",
    ),
    cfg.StrOpt("project_network_name", default="private", help="Its name."),
    cfg.StrOpt("project_network_cidr", default="10.0.0.0/24", help="Its addresses."),
    cfg.ListOpt(
        "project_network_dns",
        default=[],
        help="Name servers that its guests are told of; unset: the host's dnsmasq.",
    ),
    cfg.BoolOpt(
        "wait_for_host",
        default=True,
        help="Have nova-lite-network make a network on a host before a guest is plugged in. "
        "Off where guests are faked and that daemon does not run.",
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
