# SPDX-License-Identifier: Apache-2.0
"""What has to be looked up before servers can be created."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nova_lite.base.context import RequestContext
from nova_lite.conductor import grouping, limits
from nova_lite.conductor.deps import Deps
from nova_lite.db.api import aggregates, cells, flavors, groups, keypairs
from nova_lite.db.cell import instances
from nova_lite.db.engine import Tx
from nova_lite.domain import build, errors
from nova_lite.domain.block_devices import VolumeFacts
from nova_lite.domain.cell import Cell
from nova_lite.domain.flavor import Flavor
from nova_lite.domain.image import Image
from nova_lite.domain.keypair import Keypair
from nova_lite.domain.request import CreateServers


@dataclass(frozen=True)
class Found:
    """`user_limits`: those set for the user within the project."""

    facts: build.Facts
    user_limits: Mapping[str, int]


class Lookup:
    """Reads from the databases and the image and volume services; writes nothing."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    def facts(self, context: RequestContext, request: CreateServers, cell: Cell) -> Found:
        """Raises Invalid for a flavor or image that is not there."""
        with self._deps.databases.read_api() as tx:
            flavor = self._flavor(tx, context, request)
            project_limits, user_limits = limits.of_project(
                *(tx, self._deps.conf, context.project_id or "", context.user_id)
            )
            keypair = self._keypair(tx, context, request)
            group, members = self._group(tx, context, request)
            zones = self._zones(tx) if request.availability_zone is not None else frozenset()
            hosts = frozenset(cells.list_hosts(tx)) if request.requested_host is not None else None
        facts = build.Facts(
            flavor=flavor,
            image=self._image(context, request),
            keypair=keypair,
            group=grouping.placement(self._deps.databases, cell, group) if group else None,
            group_members=members,
            volumes=self._volumes(context, request),
            zones=zones,
            hosts=hosts,
            limits=project_limits,
            name_taken=self._name_taken(context, request, cell),
            default_zone=self._deps.conf.default_schedule_zone,
            force_config_drive=_needs_drive(self._deps.conf),
            most_local_disks=self._deps.conf.max_local_block_devices,
        )
        return Found(facts, user_limits)

    def _flavor(self, tx: Tx, context: RequestContext, request: CreateServers) -> Flavor:
        project = None if context.is_admin else context.project_id
        try:
            return flavors.get(tx, request.flavor_ref, project)
        except errors.FlavorNotFound as error:
            raise errors.Invalid(error.message) from None

    def _keypair(self, tx: Tx, context: RequestContext, request: CreateServers) -> Keypair | None:
        if request.key_name is None:
            return None
        try:
            return keypairs.get(tx, context.user_id or "", request.key_name)
        except errors.KeypairNotFound:
            return None

    def _group(self, tx: Tx, context: RequestContext, request: CreateServers) -> tuple[Any, int]:
        wanted = request.scheduler_hints.get("group")
        if wanted is None:
            return None, 0
        try:
            group = groups.get(tx, wanted, None if context.is_admin else context.project_id)
        except errors.ServerGroupNotFound:
            return None, 0
        return group, len(group.members)

    def _zones(self, tx: Tx) -> frozenset[str]:
        """The zones that hosts are in."""
        by_host = aggregates.zones(tx)
        default = self._deps.conf.default_availability_zone
        return frozenset(by_host.get(host, default) for host in cells.list_hosts(tx))

    def _image(self, context: RequestContext, request: CreateServers) -> Image | None:
        wanted = request.image_ref
        if not wanted:
            return None
        try:
            image: Image = self._deps.image.get(context, wanted)
        except errors.ImageNotFound:
            raise errors.Invalid("Can not find requested image") from None
        return image

    def _volumes(self, context: RequestContext, request: CreateServers) -> dict[str, VolumeFacts]:
        found = {}
        for wish in request.block_devices:
            if wish.source_type != "volume" or wish.uuid is None:
                continue
            try:
                volume = self._deps.volume.get(context, wish.uuid)
            except errors.VolumeNotFound:
                continue
            found[wish.uuid] = VolumeFacts(
                size=volume.size,
                status=volume.status,
                bootable=volume.bootable,
                multiattach=volume.multiattach,
            )
        return found

    def _name_taken(self, context: RequestContext, request: CreateServers, cell: Cell) -> bool:
        scope = self._deps.conf.osapi_compute_unique_server_name_scope
        if not scope:
            return False
        project = context.project_id if scope == "project" else None
        with self._deps.databases.read_cell(cell) as tx:
            return instances.name_is_taken(tx, request.name, project)


def _needs_drive(conf: Any) -> bool:
    """Whether guests have to be told who they are by a config drive: in user mode no metadata
    service is there to be asked."""
    return bool(conf.force_config_drive or conf.network.backend == "user")
