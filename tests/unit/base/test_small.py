# SPDX-License-Identifier: Apache-2.0
"""Clock, ids and context."""

from datetime import UTC, datetime, timedelta

import pytest

from nova_lite.base import clock, concurrency, context, ids


@pytest.fixture
def manual():
    made = clock.ManualClock(datetime(2031, 1, 1, tzinfo=UTC))
    before = clock.set_clock(made)
    yield made
    clock.set_clock(before)


def test_the_real_clock_is_aware_and_runs():
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    before = clock.monotonic()
    clock.sleep(0.001)
    assert clock.monotonic() > before


def test_the_manual_clock_moves_when_told(manual):
    start = clock.monotonic()
    clock.sleep(30)
    manual.advance(30)
    assert clock.now() == datetime(2031, 1, 1, 0, 1, tzinfo=UTC)
    assert clock.monotonic() - start == 60


def test_ids():
    assert ids.request_id().startswith("req-")
    assert ids.is_uuid(ids.request_id()[4:])
    assert ids.new_uuid() != ids.new_uuid()
    reservation = ids.reservation_id()
    assert len(reservation) == 10 and reservation.startswith("r-") and reservation[2:].isalnum()


@pytest.mark.parametrize(
    "text, answer",
    [
        ("6f70656e-737461636b-20342065766572", False),
        ("6f70656e-7374-6163-6b20-342065766572", True),
        ("6F70656E-7374-6163-6B20-342065766572", True),
        ("6f70656e737461636b20342065766572", True),
        ("{6f70656e-7374-6163-6b20-342065766572}", False),
        ("6f70656e-7374-6163-6b20-34206576657z", False),
        ("6f70656e7374-6163-6b20-34206576-6572", False),
        ("", False),
        (None, False),
        (5, False),
    ],
)
def test_is_uuid(text, answer):
    assert ids.is_uuid(text) is answer


ASKED = context.RequestContext(
    request_id="req-1", user_id="u", project_id="p", roles=("member",), auth_token="SECRET"
)


def test_admin_is_a_copy():
    admin = ASKED.admin()
    assert admin.is_admin and admin.roles == ("member", "admin")
    assert not ASKED.is_admin
    assert admin.request_id == "req-1"
    assert admin.admin() is admin


def test_a_context_cannot_be_changed():
    with pytest.raises(AttributeError):
        ASKED.is_admin = True


def test_policy_values():
    values = ASKED.to_policy_values()
    assert values["roles"] == ("member",)
    assert (values["user_id"], values["project_id"], values["is_admin"]) == ("u", "p", False)


def test_the_token_is_shown_nowhere():
    assert "SECRET" not in repr(ASKED) + str(ASKED.log_values()) + str(ASKED.to_policy_values())


def test_service_contexts_differ():
    first, second = context.service_context(), context.service_context()
    assert first.is_admin
    assert first.request_id != second.request_id


def test_use_nests_and_ends():
    assert context.current() is None
    with context.use(ASKED):
        with context.use(ASKED.admin()):
            assert context.current().is_admin
        assert context.current() is ASKED
        assert concurrency.spawn(context.current).wait(5) is None
        assert concurrency.spawn(context.bound(context.current)).wait(5) is ASKED
    assert context.current() is None
    assert context.bound(context.current)() is None


def test_use_ends_after_an_error():
    with pytest.raises(ValueError), context.use(ASKED):
        raise ValueError
    assert context.current() is None
