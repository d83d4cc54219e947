# SPDX-License-Identifier: Apache-2.0
from datetime import timedelta

from msgspec.structs import replace

from nova_lite.base import clock, ids
from nova_lite.base.clock import ManualClock
from nova_lite.db.cell import console_tokens
from nova_lite.db.databases import Databases
from nova_lite.domain import console
from nova_lite.domain.console import ConsoleAddress, ConsoleToken, ConsoleType
from tests.fixtures.databases import CELL1


def token(**more: object) -> ConsoleToken:
    values = {
        "digest": console.digest_of(console.new_token()),
        "instance_uuid": ids.new_uuid(),
        "kind": ConsoleType.SPICE_DIRECT,
        "host": "h1",
        "address": ConsoleAddress(host="10.0.0.1", port=5900, tls_port=5901),
        "base_url": "https://console.example.org/vnc.html",
        "expires_at": clock.now() + timedelta(seconds=600),
        **more,
    }
    return ConsoleToken(**values)  # type: ignore[arg-type]


def put(databases: Databases, *tokens: ConsoleToken) -> None:
    with databases.cell(CELL1) as tx:
        for one in tokens:
            console_tokens.insert(tx, one)


def get(databases: Databases, digest: str) -> ConsoleToken | None:
    with databases.read_cell(CELL1) as tx:
        return console_tokens.get(tx, digest)


def test_tokens_come_back(databases: Databases, manual_clock: ManualClock) -> None:
    made = token()
    put(databases, made, token())
    assert get(databases, made.digest) == made
    assert get(databases, console.digest_of("another")) is None


def test_only_the_first_use_is_the_first(databases: Databases, manual_clock: ManualClock) -> None:
    made = token()
    put(databases, made)
    with databases.cell(CELL1) as tx:
        assert console_tokens.use(tx, made.digest)
    manual_clock.advance(5)
    with databases.cell(CELL1) as tx:
        assert not console_tokens.use(tx, made.digest)
        assert not console_tokens.use(tx, "unknown")
    used = clock.now() - timedelta(seconds=5)
    assert get(databases, made.digest) == replace(made, used_at=used)


def test_tokens_go_with_their_server_and_with_time(
    databases: Databases, manual_clock: ManualClock
) -> None:
    gone, kept = token(), token()
    old = token(expires_at=clock.now() - timedelta(hours=2))
    put(databases, gone, kept, old, token(instance_uuid=gone.instance_uuid))
    with databases.cell(CELL1) as tx:
        assert console_tokens.delete_of(tx, gone.instance_uuid) == 2
        assert console_tokens.delete_expired(tx, clock.now() - timedelta(hours=1)) == 1
    assert get(databases, gone.digest) is get(databases, old.digest) is None
    assert get(databases, kept.digest) == kept
