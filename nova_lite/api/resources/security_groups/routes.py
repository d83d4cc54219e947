# SPDX-License-Identifier: Apache-2.0
"""The calls about security groups; they ended with 2.36."""

from nova_lite.api.resources.security_groups import handlers, policy, schema, view
from nova_lite.api.route import NO_QUERY, Route
from nova_lite.api.view import EMPTY
from nova_lite.domain.errors import Conflict

_ALL, _ONE = "/os-security-groups", "/os-security-groups/{id}"

ROUTES = (
    Route(
        method="GET",
        path=_ALL,
        name="security_groups.list",
        handler=handlers.index,
        policy=policy.GET,
        query=schema.LIST,
        view=view.GROUPS,
        summary="List security groups",
    ),
    Route(
        method="POST",
        path=_ALL,
        name="security_groups.create",
        handler=handlers.create,
        policy=policy.CREATE,
        body=schema.GROUP,
        view=view.GROUP,
        summary="Create a security group",
    ),
    Route(
        method="GET",
        path=_ONE,
        name="security_groups.show",
        handler=handlers.show,
        policy=policy.SHOW,
        query=NO_QUERY,
        view=view.GROUP,
        summary="Show a security group",
    ),
    Route(
        method="PUT",
        path=_ONE,
        name="security_groups.update",
        handler=handlers.update,
        policy=policy.UPDATE,
        body=schema.GROUP,
        view=view.GROUP,
        errors={Conflict: 400},
        summary="Rename and describe a security group",
    ),
    Route(
        method="DELETE",
        path=_ONE,
        name="security_groups.delete",
        handler=handlers.delete,
        policy=policy.DELETE,
        status=202,
        view=EMPTY,
        errors={Conflict: 400},
        summary="Delete a security group",
    ),
    Route(
        method="POST",
        path="/os-security-group-rules",
        name="security_group_rules.create",
        handler=handlers.create_rule,
        policy=policy.RULE_CREATE,
        body=schema.RULE,
        view=view.RULE,
        summary="Add a rule to a security group",
    ),
    Route(
        method="DELETE",
        path="/os-security-group-rules/{id}",
        name="security_group_rules.delete",
        handler=handlers.delete_rule,
        policy=policy.RULE_DELETE,
        status=202,
        view=EMPTY,
        summary="Delete a rule of a security group",
    ),
)
