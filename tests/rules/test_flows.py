# SPDX-License-Identifier: Apache-2.0
"""What is stored of flows must mean the same tomorrow; what they call must be there."""

import pytest

from nova_lite.conductor.flows import FLOWS
from nova_lite.conductor.flows.power import METHODS
from nova_lite.conductor.handlers import immediate
from nova_lite.conductor.handlers.actions import FLOW_OF
from nova_lite.domain import lifecycle
from nova_lite.rpc.contract import compile_contract
from nova_lite.rpc.contracts.compute import Compute

# Runs are stored with these names. A step that is gone stays here, and in its flow, until no run
# of an older release can be left; a new one is added.
NAMES = {
    "build": ["choose_host", "claim", "ports", "volumes", "attach", "spawn", "activate"],
    "delete": [
        "settle",
        "refresh",
        "destroy",
        "volumes",
        "ports",
        "shelved_image",
        "give_back",
        "forget",
    ],
    "attach_interface": ["port", "plug", "keep"],
    "detach_interface": ["unplug", "port", "drop"],
    "set_password": ["set", "finish"],
    "crash_dump": ["crash", "finish"],
    "rebuild": ["check", "spec", "fetch", "prepare", "spawn", "finish"],
    "rescue": ["rescue", "finish"],
    "unrescue": ["unrescue", "finish"],
    "shelve": [
        *("image", "stop", "take", "offer", "upload", "shelve", "destroy", "free", "finish"),
    ],
    "shelve_offload": ["destroy", "free", "finish"],
    "unshelve": [
        *("start", "choose_host", "claim", "ports", "attach", "spawn", "image", "remember"),
        "activate",
    ],
    "create_image": ["image", "take", "offer", "upload", "finish"],
    "create_backup": ["image", "take", "offer", "upload", "rotate", "finish"],
    "power": ["call", "requota", "finish"],
}


def test_names_of_flows_and_steps_do_not_change() -> None:
    assert {name: [step.name for step in flow.steps] for name, flow in FLOWS.items()} == NAMES


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_a_flow_ends_with_a_step_that_is_never_skipped(flow) -> None:
    assert flow.steps[-1].when is None
    assert flow.steps[-1].stored
    assert flow.steps[-1].undo is None
    if flow.retry is not None:
        assert flow.index(flow.retry.back_to) >= 0


def test_a_plain_verb_is_a_method_of_the_compute_contract() -> None:
    methods = compile_contract(Compute).methods
    for action, (method, _) in METHODS.items():
        assert method in methods, action
        assert methods[method].kind == "long", action


def test_an_action_is_a_flow_or_is_done_at_once() -> None:
    assert not FLOW_OF.keys() & immediate.TABLE.keys()
    for action in FLOW_OF:
        assert lifecycle.BY_ACTION[action].doing is not None, action
