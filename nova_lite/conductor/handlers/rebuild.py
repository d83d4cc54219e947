# SPDX-License-Identifier: Apache-2.0
"""Rebuilding servers: look up, refuse or begin."""

import msgspec
from msgspec import UNSET

from nova_lite.base import clock
from nova_lite.base.context import RequestContext
from nova_lite.conductor import limits
from nova_lite.conductor.cells import Cells
from nova_lite.conductor.deps import Deps
from nova_lite.conductor.handlers.actions import ActionHandlers
from nova_lite.conductor.handlers.instances import InstanceHandlers
from nova_lite.conductor.run_store import patched
from nova_lite.conductor.steps import compute
from nova_lite.db.api import keypairs
from nova_lite.db.cell import instances
from nova_lite.domain import errors, lifecycle, rebuild
from nova_lite.domain.cell import Cell
from nova_lite.domain.image import Image
from nova_lite.domain.instance import Instance
from nova_lite.domain.keypair import Keypair
from nova_lite.domain.request import RebuildServer
from nova_lite.domain.states import Action


class RebuildHandlers:
    """`rebuild_server` of the contract."""

    def __init__(self, deps: Deps, cells: Cells, actions: ActionHandlers) -> None:
        self._deps = deps
        self._cells = cells
        self._actions = actions
        self._shown = InstanceHandlers(deps, cells)

    def rebuild_server(
        self, context: RequestContext, *, uuid: str, request: RebuildServer
    ) -> Instance:
        cell = self._cells.of(uuid)
        found = self._shown.get_instance(context, uuid=uuid)
        lifecycle.check(Action.REBUILD, found.snapshot(), is_admin=context.is_admin)
        facts = self._facts(context, cell, found, request)
        for problem in rebuild.problems(request, found, facts):
            raise problem
        params = {
            "former": rebuild.image_of(found),
            "preserve_ephemeral": request.preserve_ephemeral,
            **({compute.FILES: request.personality} if request.personality else {}),
        }
        secrets = {"admin_pass": request.admin_pass}
        patch = rebuild.patch_of(request, found, facts)
        self._actions.begin(context, uuid, Action.REBUILD, params, secrets, patch)
        return msgspec.structs.replace(
            patched(found, patch),
            task_state=lifecycle.doing(Action.REBUILD, found.task_state),
            updated_at=clock.now(),
        )

    def _facts(
        self, context: RequestContext, cell: Cell, found: Instance, request: RebuildServer
    ) -> rebuild.Facts:
        with self._deps.databases.read_api() as tx:
            project, _ = limits.of_project(tx, self._deps.conf, found.project_id)
            keypair: Keypair | None = None
            if isinstance(request.key_name, str):
                try:
                    keypair = keypairs.get(tx, found.user_id, request.key_name)
                except errors.KeypairNotFound:
                    keypair = None
        return rebuild.Facts(
            image=self._image(context, request.image_ref),
            keypair=keypair,
            limits=project,
            name_taken=self._name_taken(cell, found, request),
        )

    def _image(self, context: RequestContext, image_id: str) -> Image:
        try:
            image: Image = self._deps.image.get(context, image_id)
        except errors.ImageNotFound:
            raise errors.Invalid("Cannot find image for rebuild") from None
        return image

    def _name_taken(self, cell: Cell, found: Instance, request: RebuildServer) -> bool:
        scope = self._deps.conf.osapi_compute_unique_server_name_scope
        name = request.display_name
        if not scope or name is UNSET or name == found.display_name:
            return False
        project = found.project_id if scope == "project" else None
        with self._deps.databases.read_cell(cell) as tx:
            return instances.name_is_taken(tx, name, project, besides=found.uuid)
