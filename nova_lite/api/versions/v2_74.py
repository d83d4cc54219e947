# SPDX-License-Identifier: Apache-2.0
"""Host and node of a new server can be named, and are checked like any other."""

from nova_lite.api.versions.change import Change, without

CHANGE = Change(
    number=74,
    title="host / hypervisor_hostname at create (policy, admin), validated by the scheduler",
    body={"servers.create": without("server", "host", "hypervisor_hostname")},
)
