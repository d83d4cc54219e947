# SPDX-License-Identifier: Apache-2.0
"""The filters, in the order in which they run. A new one: a file here, a line in a list.

A host is told the first thing that keeps it out, so the order decides what people read. Within
the same cost it is: who was asked for, then whether the host works at all, then the wishes about
neighbours, then what it can run, and last how much room it has, which changes every second.
Cheap ones come first, because they spare the dear ones most of the hosts.
"""

from nova_lite.scheduler.filters.all_hosts import AllHostsFilter
from nova_lite.scheduler.filters.availability_zone import AvailabilityZoneFilter
from nova_lite.scheduler.filters.cell import CellFilter
from nova_lite.scheduler.filters.compute import ComputeFilter
from nova_lite.scheduler.filters.compute_capabilities import ComputeCapabilitiesFilter
from nova_lite.scheduler.filters.ignored_hosts import IgnoredHostsFilter
from nova_lite.scheduler.filters.image_properties import ImagePropertiesFilter
from nova_lite.scheduler.filters.io_ops import IoOpsFilter
from nova_lite.scheduler.filters.num_instances import NumInstancesFilter
from nova_lite.scheduler.filters.requested_host import RequestedHostFilter
from nova_lite.scheduler.filters.resources import ResourcesFilter
from nova_lite.scheduler.filters.server_group_affinity import ServerGroupAffinityFilter
from nova_lite.scheduler.filters.server_group_anti_affinity import ServerGroupAntiAffinityFilter
from nova_lite.scheduler.filters.traits import TraitsFilter
from nova_lite.scheduler.plugin import Filter

# Always on, whatever enabled_filters says: without them the claim would refuse, or the server
# would not be where it was asked to be.
ALWAYS: tuple[type[Filter], ...] = (
    RequestedHostFilter,  # 0: one comparison; leaves one host or two
    CellFilter,  # 0: the server's record is in one cell already
    IgnoredHostsFilter,  # 0: hosts that have failed with this server
    TraitsFilter,  # 30: a list to search for each trait
    ResourcesFilter,  # 40: arithmetic for each resource class
)

# Those of [filter_scheduler] enabled_filters.
CHOOSABLE: tuple[type[Filter], ...] = (
    AllHostsFilter,  # 0: never asked
    ComputeFilter,  # 10: two fields; a host that is down has no other news
    AvailabilityZoneFilter,  # 10: one field; no pre-filter has done it before
    NumInstancesFilter,  # 10: one field
    IoOpsFilter,  # 10: one field
    ServerGroupAntiAffinityFilter,  # 20: one look into a dict
    ServerGroupAffinityFilter,  # 20: one look into a dict
    ImagePropertiesFilter,  # 30: rows to compare
    ComputeCapabilitiesFilter,  # 50: conditions to take apart
)


def in_order(filters: list[Filter]) -> list[Filter]:
    """Cheap before dear; what costs the same keeps the order it is given in."""
    return sorted(filters, key=lambda one: one.cost)
