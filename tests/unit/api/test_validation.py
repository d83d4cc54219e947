# SPDX-License-Identifier: Apache-2.0
"""The words of refusals, which clients show to people."""

from typing import Any

import pytest

from nova_lite.api import shapes, validation
from nova_lite.domain.errors import Invalid
from tests.fixtures.api_request import check_body, check_query


def refusal(route: str, body: Any, version: int = 104) -> str:
    with pytest.raises(Invalid) as caught:
        check_body(route, version, body)
    return caught.value.message


def server(**fields: Any) -> dict[str, Any]:
    return {"server": {"name": "n", "flavorRef": "1", "imageRef": "", "networks": "none", **fields}}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (None, "None is not of type 'object'"),
        ({}, "'server' is a required property"),
        ([], "[] is not of type 'object'"),
        (
            {"server": {"name": "n", "flavorRef": "1", "networks": "none"}, "x": 1},
            "Additional properties are not allowed ('x' was unexpected)",
        ),
        (
            {"server": {"name": "n", "networks": "none"}},
            "Invalid input for field/attribute server. Value: {'name': 'n', 'networks': 'none'}. "
            "'flavorRef' is a required property",
        ),
        (
            server(name=""),
            "Invalid input for field/attribute name. Value: . '' should be non-empty",
        ),
        (
            server(name=" a"),
            "Invalid input for field/attribute name. Value:  a. An invalid 'name' value was "
            "provided. The name must be: printable characters. Can not start or end with "
            "whitespace.",
        ),
        (
            server(min_count=0),
            "Invalid input for field/attribute min_count. Value: 0. "
            "0 is less than the minimum of 1",
        ),
        (
            server(min_count="0"),
            "Invalid input for field/attribute min_count. Value: 0. "
            "'0' is less than the minimum of 1",
        ),
        (
            server(min_count="-1"),
            "Invalid input for field/attribute min_count. Value: -1. "
            "'-1' does not match '^[0-9]*$'",
        ),
        (
            server(min_count=True),
            "Invalid input for field/attribute min_count. Value: True. "
            "True is not of type 'integer', 'string'",
        ),
        (
            server(imageRef="x"),
            "Invalid input for field/attribute imageRef. Value: x. "
            "'x' is not valid under any of the given schemas",
        ),
        (
            server(accessIPv4="1.2.3"),
            "Invalid input for field/attribute accessIPv4. Value: 1.2.3. '1.2.3' is not a 'ipv4'",
        ),
        (
            server(user_data="%%%"),
            "Invalid input for field/attribute user_data. Value: %%%. '%%%' is not a 'base64'",
        ),
    ],
)
def test_words_for_bodies(body: Any, message: str) -> None:
    assert refusal("servers.create", body) == message


def test_words_for_too_long_a_text() -> None:
    body = server(user_data="QUJD" * 20_000)
    assert refusal("servers.create", body) == (
        "Invalid input for field/attribute user_data. Value: 80000 characters. "
        "It is too long: at most 65535 characters are allowed."
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "x" * 5000},
        {"name": "x\x00" * 5000},
        {"user_data": "%" * 5000},
        {"user_data": ["QUJD"] * 5000},
        {"imageRef": "x" * 5000},
        {"min_count": "-" + "1" * 5000},
        {"min_count": {"x" * 5000: 1}},
        {"metadata": {"k": ["x" * 5000]}},
        {"metadata": {"k" * 5000: "v"}},
        {"networks": [{"uuid": "x" * 5000}]},
        {"x" * 5000: 1},
        {f"more{number}": 1 for number in range(500)},
        {"user_data": "QUJD" * 5000, "min_count": "no"},
        {"user_data": "QUJD" * 5000, "networks": {}},
    ],
)
def test_refusals_do_not_repeat_what_was_sent(fields: dict[str, Any]) -> None:
    message = refusal("servers.create", server(**fields))
    assert len(message) < 800, message
    assert "QUJD" * 60 not in message
    missing = {"server": {"name": "n", "user_data": "QUJD" * 5000}}
    assert refusal("servers.create", missing).endswith("'flavorRef' is a required property")
    assert len(refusal("servers.create", {"x" * 5000: 1})) < 800


def test_refusals_do_not_repeat_a_long_query() -> None:
    for query in ("limit=" + "x" * 5000, "x" * 5000 + "=1", "sort_key=" + "x" * 5000):
        with pytest.raises(Invalid) as caught:
            check_query("servers.list", 104, query)
        assert len(caught.value.message) < 3000
        assert "x" * 200 not in caught.value.message


def test_words_for_an_unknown_key_inside() -> None:
    body = {"server": {"nix": 1}}
    assert refusal("servers.update", body) == (
        "Invalid input for field/attribute server. Value: {'nix': 1}. "
        "Additional properties are not allowed ('nix' was unexpected)"
    )


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "limit=-1",
            "Invalid input for query parameters limit. Value: -1. '-1' does not match '^[0-9]*$'",
        ),
        ("nix=1", "'nix' does not match any of the regexes: '^_'"),
        (
            "changes-since=now",
            "Invalid input for query parameters changes-since. Value: now. "
            "'now' is not a 'date-time'",
        ),
        (
            "name=(",
            "Invalid input for query parameters name. Value: (. '(' is not a 'regex'",
        ),
    ],
)
def test_words_for_queries(query: str, message: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_query("servers.list", 104, query)
    assert caught.value.message == message


def test_words_for_an_unknown_parameter() -> None:
    with pytest.raises(Invalid) as caught:
        check_query("flavors.list", 104, "nix=1")
    assert caught.value.message == "Additional properties are not allowed ('nix' was unexpected)"


def test_unknown_query_keys_are_taken_before_2_75() -> None:
    check_query("servers.list", 74, "nix=1")
    with pytest.raises(Invalid):
        check_query("servers.list", 75, "nix=1")


def test_unknown_query_keys_of_every_call_are_refused_from_2_102() -> None:
    check_query("servers.show", 101, "nix=1")
    with pytest.raises(Invalid):
        check_query("servers.show", 102, "nix=1")


def test_the_legacy_endpoint_is_lenient() -> None:
    body = server(name=" n ", nix=1, networks=[{"uuid": "a", "more": 1}])
    body["other"] = 2
    check_body("servers.create", 0, body)
    assert body["server"]["name"] == "n"
    assert "nix" not in body["server"] and "other" not in body


def test_the_legacy_endpoint_still_wants_the_right_types() -> None:
    with pytest.raises(Invalid):
        check_body("servers.create", 0, server(name=1, networks=[]))


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        (
            "uuid",
            ["6f70656e-7374-61b6-b2d6-e6f76612d6c0", "6F70656E737461B6B2D6E6F76612D6C0"],
            ["x", ""],
        ),
        (
            "date-time",
            [
                "2026-01-31",
                "2026-01-31T12:00:00Z",
                "2026-01-31 12:00:00.5+01:00",
                "2026-01-31T10:00",
            ],
            ["now", "2026-13-01", "12:00", "2026-01-31T25:00:00Z", ""],
        ),
        ("base64", ["", "YQ==", "Y Q=\n="], ["%", "YQ=", "ä"]),
        ("ipv4", ["10.0.0.1"], ["10.0.0", "::1", "10.0.0.256", ""]),
        ("ipv6", ["::1", "fe80::1"], ["10.0.0.1", ":::", ""]),
        ("cidr", ["10.0.0.0/8", "10.1.0.0/8", "::/0"], ["10.0.0.0/33", "x"]),
        ("mac-address", ["fa:16:3e:00:00:01"], ["fa:16:3e:00:00", "fa-16-3e-00-00-01"]),
        ("uri", ["http://a/b", "ws://x"], ["/b", "http://[x"]),
        ("regex", ["^a.*$", ""], ["(", "*"]),
        ("name", ["a", "a b", "ü", "名"], [" a", "a ", "", "a\tb", "a\n", "\x00"]),
        ("az_name", ["a"], ["a:b", " a"]),
    ],
)
def test_formats(name: str, good: list[str], bad: list[str]) -> None:
    check = validation.body_check({"format": name})
    for value in good:
        check(value)
    for value in bad:
        with pytest.raises(Invalid):
            check(value)
    check(7)  # not a string: not the format's business


@pytest.mark.parametrize("word", ["true", "ON", "1", "Yes", True])
def test_truth(word: Any) -> None:
    assert shapes.truth(word) is True


@pytest.mark.parametrize("word", ["false", "OFF", "0", "no", False])
def test_untruth(word: Any) -> None:
    assert shapes.truth(word) is False


@pytest.mark.parametrize("digits", ["1" + "0" * 29, "9" * 31, "9" * 5000, "0" * 40 + "2147483648"])
def test_large_numbers_in_strings_are_compared(digits: str) -> None:
    check = validation.body_check({"type": "string", "maximum": shapes.MAX_INT})
    with pytest.raises(Invalid, match="greater than the maximum"):
        check(digits)
    below = validation.body_check({"type": "string", "minimum": -1})
    below(digits)
    with pytest.raises(Invalid, match="less than the minimum"):
        below(f"-{digits}")
    check("0" * 40 + "7")
