# SPDX-License-Identifier: Apache-2.0
"""Tokens of consoles, from the request of a user to the question of a proxy."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from nova_lite.base.clock import ManualClock
from nova_lite.base.context import RequestContext, service_context
from nova_lite.conductor import periodic
from nova_lite.db.cell import instances
from nova_lite.db.cell.models import console_tokens
from nova_lite.domain import console, errors
from nova_lite.domain.console import ConsoleAccess, ConsoleConnection, ConsoleType
from nova_lite.domain.instance import InstancePatch
from nova_lite.domain.states import Action, PowerState, VmState
from tests.fixtures.conducting import Cloud, a_context
from tests.fixtures.databases import CELL1
from tests.fixtures.wait import wait_for

ALL = list(ConsoleType)


def server(cloud: Cloud) -> str:
    made = cloud.create().uuids[0]
    cloud.wait(made, VmState.ACTIVE)
    cloud.wait_quiet()
    return made


def ask(cloud: Cloud, uuid: str, kind: ConsoleType = ConsoleType.SERIAL) -> ConsoleAccess:
    made: ConsoleAccess = cloud.processes[0].create_console(a_context(), uuid=uuid, kind=kind)
    return made


def token_of(access: ConsoleAccess) -> str:
    return parse_qs(urlsplit(access.url).query)["token"][0]


def check(cloud: Cloud, token: str, kinds: list[ConsoleType] | None = None) -> ConsoleConnection:
    found: ConsoleConnection = cloud.processes[0].check_console_token(
        service_context(), token=token, kinds=kinds or ALL
    )
    return found


def refused(cloud: Cloud, token: str, kinds: list[ConsoleType] | None = None) -> str:
    with pytest.raises(errors.ConsoleTokenRefused) as caught:
        check(cloud, token, kinds)
    return caught.value.message


def test_a_token_leads_to_its_console_until_it_expires(
    manual_clock: ManualClock, cloud: Cloud
) -> None:
    uuid = server(cloud)
    access = ask(cloud, uuid)
    token = token_of(access)
    assert (access.protocol, access.kind) == ("serial", ConsoleType.SERIAL)
    for _ in range(2):
        found = check(cloud, token)
        assert (found.instance_uuid, found.address.port) == (uuid, 5900)
        assert found.base_url == "http://proxy/page.html"
        assert found.expires_at == access.expires_at
    shown = cloud.processes[0].show_console_token(service_context(), token=token)
    assert shown == found
    manual_clock.advance(cloud.conf.consoleauth.token_ttl)
    assert "expired" in refused(cloud, token)
    with pytest.raises(errors.ConsoleTokenNotFound):
        cloud.processes[0].show_console_token(service_context(), token=token)


def test_the_token_itself_is_not_stored(cloud: Cloud) -> None:
    token = token_of(ask(cloud, server(cloud)))
    rows = cloud.rows(console_tokens)
    assert token not in str(rows) and console.digest_of(token) == rows[0]["digest"]


def test_a_token_for_one_use(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(consoleauth__single_use=True)
    cloud.process()
    token = token_of(ask(cloud, server(cloud)))
    # asked by the wrong proxy: this is no use
    assert "type serial" in refused(cloud, token, [ConsoleType.NOVNC])
    check(cloud, token)
    assert "used already" in refused(cloud, token)


def test_an_unknown_token(cloud: Cloud) -> None:
    for token in ("", "0" * 48, "\udcff"):
        assert "not known" in refused(cloud, token)
        with pytest.raises(errors.ConsoleTokenNotFound):
            cloud.processes[0].show_console_token(service_context(), token=token)


def test_a_port_that_is_another_servers_now_is_not_reached(cloud: Cloud) -> None:
    """It is asked each time where the console is."""
    uuid = server(cloud)
    token = token_of(ask(cloud, uuid))
    for host in cloud.hosts.all.values():
        host.console_ports[uuid] = 5999
    assert check(cloud, token).address.port == 5999


def test_tokens_of_a_server_that_is_off_gone_or_elsewhere(cloud: Cloud) -> None:
    uuid, other = server(cloud), server(cloud)
    token, others = token_of(ask(cloud, uuid)), token_of(ask(cloud, other))
    process = cloud.processes[0]
    process.begin_action(a_context(), uuid=uuid, action=Action.STOP, params={})
    cloud.wait(uuid, VmState.STOPPED)
    assert "not ready" in refused(cloud, token)
    with pytest.raises(errors.InstanceNotReady):
        ask(cloud, uuid)
    process.begin_action(a_context(), uuid=uuid, action=Action.DELETE, params={})
    wait_for(lambda: uuid not in cloud.runs(), 20, "the deletion to end")
    assert "ended with its server" in refused(cloud, token)
    assert check(cloud, others).instance_uuid == other
    with cloud.databases.cell(CELL1) as tx:
        elsewhere = "node2" if cloud.get(other).host == "node1" else "node1"
        instances.patch(tx, [other], InstancePatch(host=elsewhere))
    assert "another host" in refused(cloud, others)


def test_others_get_no_console(cloud: Cloud) -> None:
    uuid = server(cloud)
    stranger = RequestContext(project_id="other", user_id="u", roles=("member",))
    with pytest.raises(errors.InstanceNotFound):
        cloud.processes[0].create_console(stranger, uuid=uuid, kind=ConsoleType.SERIAL)


def test_what_a_host_cannot_is_refused_with_its_words(cloud: Cloud) -> None:
    uuid = server(cloud)

    def lacks(host: Any) -> None:
        raise errors.ConsoleTypeUnavailable(console_type="serial")

    cloud.hosts.script("get_console", lacks)
    with pytest.raises(errors.ConsoleTypeUnavailable, match="Unavailable console type serial"):
        ask(cloud, uuid)
    token = token_of(ask(cloud, uuid))
    cloud.hosts.script("get_console", lacks)
    assert refused(cloud, token) == "Unavailable console type serial."


def test_expired_tokens_are_forgotten_in_the_end(manual_clock: ManualClock, cloud: Cloud) -> None:
    ask(cloud, server(cloud))
    conducting = cloud.processes[0].conducting
    jobs = periodic.Jobs(conducting.deps, conducting.runner, conducting.actions, conducting.auditor)
    manual_clock.advance(cloud.conf.consoleauth.token_ttl + 60)
    jobs.forget_tokens(service_context())
    assert len(cloud.rows(console_tokens)) == 1
    manual_clock.advance(periodic.EXPIRED_TOKENS)
    jobs.forget_tokens(service_context())
    assert cloud.rows(console_tokens) == []
    assert PowerState.RUNNING in cloud.hosts.all["node1"].guests.values()
