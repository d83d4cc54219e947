# SPDX-License-Identifier: Apache-2.0
import pytest

from nova_lite.base import concurrency
from nova_lite.conductor.handlers.keypairs import KeypairHandlers
from nova_lite.domain import errors
from nova_lite.domain.keypair import Keypair, KeypairQuery


@pytest.fixture
def keypairs(deps) -> KeypairHandlers:
    return KeypairHandlers(deps)


def keypair(name: str, user: str = "alice") -> Keypair:
    return Keypair(name=name, user_id=user, public_key=f"ssh-rsa {name}", fingerprint="aa:bb")


def listed(keypairs, context, **query: object) -> list[str]:
    wanted = KeypairQuery(**{"user_id": "alice", **query})  # type: ignore[arg-type]
    return [one.name for one in keypairs.list_keypairs(context, query=wanted)]


def test_create_get_list_delete(keypairs, alice) -> None:
    for name in ("c", "a", "b"):
        made = keypairs.create_keypair(alice, keypair=keypair(name))
        assert (made.name, made.public_key, made.type) == (name, f"ssh-rsa {name}", "ssh")
        assert made.created_at is not None
        assert made == keypairs.get_keypair(alice, user_id="alice", name=name)
    assert listed(keypairs, alice) == ["a", "b", "c"]
    assert listed(keypairs, alice, limit=1, marker="a") == ["b"]
    with pytest.raises(errors.MarkerNotFound):
        listed(keypairs, alice, marker="x")
    keypairs.delete_keypair(alice, user_id="alice", name="a")
    with pytest.raises(errors.KeypairNotFound):
        keypairs.delete_keypair(alice, user_id="alice", name="a")
    assert listed(keypairs, alice) == ["b", "c"]


def test_a_name_is_taken_once_a_user(keypairs, alice, bob) -> None:
    keypairs.create_keypair(alice, keypair=keypair("k"))
    with pytest.raises(errors.KeypairExists):
        keypairs.create_keypair(alice, keypair=keypair("k"))
    keypairs.create_keypair(bob, keypair=keypair("k", "bob"))
    keypairs.create_keypair(alice, keypair=keypair("K"))


def test_others_do_not_see_them(keypairs, alice, bob, admin) -> None:
    keypairs.create_keypair(alice, keypair=keypair("k"))
    assert listed(keypairs, bob) == []
    assert listed(keypairs, admin) == ["k"]
    for call in (keypairs.get_keypair, keypairs.delete_keypair):
        with pytest.raises(errors.KeypairNotFound):
            call(bob, user_id="alice", name="k")
    with pytest.raises(errors.Forbidden):
        keypairs.create_keypair(bob, keypair=keypair("x"))
    assert keypairs.get_keypair(admin, user_id="alice", name="k").user_id == "alice"


def test_quota(keypairs, alice, conf) -> None:
    conf.set_override("key_pairs", 2, "quota")
    for name in ("a", "b"):
        keypairs.create_keypair(alice, keypair=keypair(name))
    with pytest.raises(errors.ResourceLimitExceeded):
        keypairs.create_keypair(alice, keypair=keypair("c"))
    conf.set_override("driver", "nova.quota.NoopQuotaDriver", "quota")
    keypairs.create_keypair(alice, keypair=keypair("c"))


def test_never_one_too_many(keypairs, alice, conf) -> None:
    conf.set_override("key_pairs", 5, "quota")
    refused = []

    def one(number: int) -> None:
        try:
            keypairs.create_keypair(alice, keypair=keypair(f"k{number}"))
        except errors.ResourceLimitExceeded as error:
            refused.append(error)

    pool = concurrency.Pool(10)
    for task in [pool.submit(one, number) for number in range(10)]:
        task.wait(60)
    pool.stop()
    assert len(listed(keypairs, alice)) <= 5
    assert len(listed(keypairs, alice)) + len(refused) == 10
