# SPDX-License-Identifier: Apache-2.0
"""The weighers. A new one: a file here, a line in the list. Their order does not matter: each
score is brought to 0..1 over the hosts, multiplied, and added up (scores.py)."""

from nova_lite.scheduler.plugin import Weigher
from nova_lite.scheduler.weighers.build_failure import BuildFailureWeigher
from nova_lite.scheduler.weighers.cpu import CPUWeigher
from nova_lite.scheduler.weighers.disk import DiskWeigher
from nova_lite.scheduler.weighers.io_ops import IoOpsWeigher
from nova_lite.scheduler.weighers.num_instances import NumInstancesWeigher
from nova_lite.scheduler.weighers.ram import RAMWeigher
from nova_lite.scheduler.weighers.soft_affinity import ServerGroupSoftAffinityWeigher
from nova_lite.scheduler.weighers.soft_anti_affinity import ServerGroupSoftAntiAffinityWeigher

ALL: tuple[type[Weigher], ...] = (
    CPUWeigher,
    RAMWeigher,
    DiskWeigher,
    IoOpsWeigher,
    NumInstancesWeigher,
    BuildFailureWeigher,
    ServerGroupSoftAffinityWeigher,
    ServerGroupSoftAntiAffinityWeigher,
)
