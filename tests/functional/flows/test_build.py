# SPDX-License-Identifier: Apache-2.0
from nova_lite.domain.states import PowerState, VmState
from tests.fixtures.conducting import Cloud


def test_a_server_becomes_active(cloud: Cloud) -> None:
    created = cloud.create(name="Web 1")
    server = cloud.wait(created.uuids[0], VmState.ACTIVE)
    assert server.power_state is PowerState.RUNNING
    assert server.hostname == "web-1"
    assert server.host == "node1"
    assert server.launched_at is not None
    assert server.vifs[0].fixed_ips
    assert server.guest_name == "instance-00000001"
    cloud.wait_quiet()
    assert cloud.hosts.guests() == {server.uuid: "node1"}
