# SPDX-License-Identifier: Apache-2.0
"""What guests are told about themselves, and the password that they tell."""

from nova_lite.base.context import RequestContext
from nova_lite.conductor.cells import Cells
from nova_lite.conductor.deps import Deps
from nova_lite.db.cell import instances
from nova_lite.domain import errors
from nova_lite.domain.guestdata.value import PASSWORD_MOST, GuestData


class GuestDataHandlers:
    def __init__(self, deps: Deps, cells: Cells) -> None:
        self._deps = deps
        self._cells = cells

    def get_guest_data(self, context: RequestContext, *, uuid: str) -> GuestData:
        _, found = self._cells.find(context, uuid)
        return GuestData(instance=found)

    def set_guest_password(self, context: RequestContext, *, uuid: str, password: str) -> None:
        cell, _ = self._cells.find(context, uuid)
        if len(password) > PASSWORD_MOST:
            raise errors.Invalid(f"A password has at most {PASSWORD_MOST} characters.")

        def change(old: str) -> str:
            if password and old:
                raise errors.GuestPasswordExists(instance_id=uuid)
            return password

        self._deps.databases.run_cell(
            cell, lambda tx: instances.change_guest_password(tx, uuid, change)
        )
