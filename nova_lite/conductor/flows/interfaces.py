# SPDX-License-Identifier: Apache-2.0
"""A server gets one more interface, or gives one away.

Neither changes the state of the server, so other actions may run at the same time: the list of
interfaces is changed in the transaction that ends the flow, and never written as it was read.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from nova_lite.conductor.run import Done, Flow, Run, Step
from nova_lite.conductor.steps import compute
from nova_lite.db.cell import instances
from nova_lite.db.engine import Tx
from nova_lite.domain import errors
from nova_lite.domain.devices import DeviceAddress, NetworkWish, Vif
from nova_lite.domain.flow_run import Trouble

SERVICE_PATIENCE: Final = 30.0
HOST_PATIENCE: Final = 30.0
GRACE: Final = 300.0


def port_of(run: Run) -> str:
    """The port that the flow is about: the one that was brought, or the one to make."""
    return str(run.progress.params["port_id"])


def _vif(run: Run) -> Vif:
    """The interface that the step before gave."""
    return msgspec.convert(run.result("port"), Vif)


def _with_vifs(
    run: Run, mac: str, change: Callable[[list[Vif]], list[Vif]], at: DeviceAddress | None = None
) -> Done:
    """`at`: where the guest has the interface with this MAC address now, if it has a tag."""

    def moved(old: list[DeviceAddress]) -> list[DeviceAddress]:
        others = (one for one in old if not one.mac or one.mac.lower() != mac.lower())
        return [*others, *([at] if at else ())]

    def write(tx: Tx) -> None:
        instances.change_vifs(tx, run.instance.uuid, change)
        if at or run.instance.device_addresses:
            instances.change_device_addresses(tx, run.instance.uuid, moved)

    return Done(write=write)


# --- one more ---------------------------------------------------------------------------------


def _add_port(run: Run) -> Done:
    wish = msgspec.convert(run.progress.params["wish"], NetworkWish)
    vif = run.deps.network.add(run.context, run.instance, wish, port_of(run))
    return Done(result=msgspec.to_builtins(vif))


def _remove_port(run: Run) -> None:
    run.deps.network.remove(run.context, run.instance, port_of(run))


def _plug(run: Run) -> Done:
    at = compute.of(run).attach_interface(run.context, instance=run.instance, vif=_vif(run))
    return Done(result=msgspec.to_builtins(at))


def _unplug_again(run: Run) -> None:
    """Undo. A host that does not answer has the interface until its guest is made anew."""
    if run.result("port") is None:
        return
    try:
        compute.of(run).detach_interface(run.context, instance=run.instance, vif=_vif(run))
    except (errors.RpcTimeout, errors.RpcTooLate, errors.RpcUnreachable):
        return


def _keep(run: Run) -> Done:
    vif = _vif(run)
    at = msgspec.convert(run.result("plug"), DeviceAddress | None)
    return _with_vifs(run, vif.mac, lambda old: [*_without(old, vif.port_id), vif], at)


# --- one less ---------------------------------------------------------------------------------


def _unplug(run: Run) -> None:
    gone = port_of(run)
    for vif in run.instance.vifs:
        if vif.port_id == gone:
            compute.of(run).detach_interface(run.context, instance=run.instance, vif=vif)


def _give_back(run: Run) -> Done | None:
    _remove_port(run)
    return None


def _drop(run: Run) -> Done:
    gone = port_of(run)
    macs = [vif.mac for vif in run.instance.vifs if vif.port_id == gone]
    return _with_vifs(run, macs[0] if macs else "", lambda old: _without(old, gone))


def _without(vifs: list[Vif], port_id: str) -> list[Vif]:
    return [vif for vif in vifs if vif.port_id != port_id]


def _failed(run: Run, trouble: Trouble) -> Done:
    """The server is as it was."""
    return Done()


def _seconds(conf: Any) -> float:
    return GRACE


ATTACH_INTERFACE: Final = Flow(
    "attach_interface",
    (
        Step("port", _add_port, undo=_remove_port, patience=SERVICE_PATIENCE),
        Step("plug", _plug, undo=_unplug_again, patience=HOST_PATIENCE, stored=False,
             event="compute_attach_interface"),
        Step("keep", _keep),
    ),
    failed=_failed,
    seconds=_seconds,
)  # fmt: skip

DETACH_INTERFACE: Final = Flow(
    "detach_interface",
    (
        Step("unplug", _unplug, patience=HOST_PATIENCE, stored=False,
             event="compute_detach_interface"),
        Step("port", _give_back, patience=SERVICE_PATIENCE, stored=False),
        Step("drop", _drop),
    ),
    failed=_failed,
    seconds=_seconds,
)  # fmt: skip
