# SPDX-License-Identifier: Apache-2.0
import json

import msgspec
import pytest

from nova_lite.base.context import RequestContext
from nova_lite.domain import errors
from nova_lite.rpc import codec

CONTEXT = RequestContext(
    request_id="req-1", global_request_id="req-0", user_id="u", project_id="p", roles=("a", "b")
)


def test_request_there_and_back():
    text = codec.encode_request("get", "1.0", CONTEXT, {"n": 1}, expires=5.0)
    request = codec.decode_request(text)
    assert (request.method, request.version, request.expires) == ("get", "1.0", 5.0)
    assert request.context == CONTEXT
    assert bytes(request.args) == b'{"n":1}'


def test_a_request_of_a_later_release_is_read():
    text = codec.encode_request("get", "1.0", CONTEXT, {})
    later = {**json.loads(text), "tracing": {"id": 1}}
    later["context"]["mood"] = "good"
    assert codec.decode_request(json.dumps(later)).context == CONTEXT


@pytest.mark.parametrize(
    "text", ["", "no", "[]", "null", '{"method":"m"}', b"\xff\xfe", '{"method":1,"version":2}']
)
def test_what_is_no_request_is_refused(text):
    with pytest.raises(errors.BadMessage):
        codec.decode_request(text)


@pytest.mark.parametrize(
    "returns, value",
    [(int, 3), (None, None), (list[str], ["a"]), (dict[str, int], {"a": 1}), (str | None, None)],
)
def test_result_there_and_back(returns, value):
    decoder = codec.reply_decoder(returns)
    assert codec.open_reply(decoder, codec.encode_result(value), raw=False) == value


def test_raw_json_is_handed_on_unread():
    text = b'{"a": [1,  2]}'
    decoder = codec.reply_decoder(codec.RawJson)
    for ready in (text, text.decode()):
        reply = codec.encode_raw_result(ready)
        assert codec.open_reply(decoder, reply, raw=True) == text


def test_a_domain_error_is_rebuilt():
    sent = errors.FlavorNotFound(flavor_id="42")
    with pytest.raises(errors.FlavorNotFound) as caught:
        codec.open_reply(codec.reply_decoder(int), codec.encode_error(sent), raw=False)
    assert caught.value.values == {"flavor_id": "42"}
    assert caught.value.message == sent.message


def test_an_error_of_a_later_release_is_a_remote_error():
    text = '{"error":{"code":"from_the_future","message":"It will be.","values":{"x":1}}}'
    with pytest.raises(errors.RemoteError) as caught:
        codec.open_reply(codec.reply_decoder(int), text, raw=False)
    assert caught.value.message == "It will be."


def test_values_that_are_no_json_do_not_hide_the_error():
    sent = errors.Invalid("no", thing=object())
    with pytest.raises(errors.Invalid) as caught:
        codec.open_reply(codec.reply_decoder(int), codec.encode_error(sent), raw=False)
    assert "object" in caught.value.values["thing"]


@pytest.mark.parametrize("text", ["", "{}", '{"ok":"x"}', "[1]", '{"error":{}}'])
def test_what_is_no_reply_is_a_bad_message(text):
    with pytest.raises(errors.BadMessage):
        codec.open_reply(codec.reply_decoder(int), text, raw=False)


def test_expiry_leaves_room_for_clocks():
    text = codec.encode_request("m", "1.0", CONTEXT, {}, expires=0.0)
    assert codec.expired(codec.decode_request(text))
    request = codec.decode_request(codec.encode_request("m", "1.0", CONTEXT, {}))
    assert not codec.expired(request)
    soon = codec.time.time() - codec.CLOCK_SLACK + 2
    assert not codec.expired(msgspec.structs.replace(request, expires=soon))
