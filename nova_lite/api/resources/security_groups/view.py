# SPDX-License-Identifier: Apache-2.0
"""Security groups and rules as the Compute API showed them."""

from nova_lite.api.request import Request
from nova_lite.api.resources.server_security_groups import view
from nova_lite.api.view import Item, Make, closed

_ONE = closed({"security_group": view.GROUP})


def _build(request: Request) -> Make:
    return lambda found: {"security_group": view.group(found.groups[0], found.known)}


def _build_rule(request: Request) -> Make:
    return lambda one: view.rule(one.rule, one.groups.known)


GROUPS = view.GROUPS
GROUP = Item(key=None, shape="security_group", build=_build, of=_ONE)
RULE = Item(key="security_group_rule", shape="security_group_rule", build=_build_rule, of=view.RULE)
