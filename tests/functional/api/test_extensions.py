# SPDX-License-Identifier: Apache-2.0
"""GET /extensions: the names are those of what is served."""

from nova_lite.api.resources.extensions.handlers import EXTENSIONS
from nova_lite.api.routes import ROUTES
from tests.fixtures.cloud import Cloud


def test_extensions(cloud: Cloud) -> None:
    member = cloud.client("alice", "p1", "member")
    found = member.get("/v2.1/extensions").json["extensions"]
    assert len(found) == len(EXTENSIONS)
    one = member.get("/v2.1/extensions/os-aggregates").json["extension"]
    assert one in found and one["alias"] == "os-aggregates"
    assert member.get("/v2.1/extensions/os-nothing").status == 404


def test_what_has_a_path_is_there() -> None:
    """Aliases that are the name of a collection: it is a route."""
    served = {part for route in ROUTES for part in route.path.split("/")}
    collections = {"os-aggregates", "os-hypervisors", "os-keypairs", "os-services"}
    collections |= {"os-quota-sets", "os-quota-class-sets", "os-server-groups"}
    collections |= {"os-availability-zone", "os-instance-actions", "os-simple-tenant-usage"}
    collections |= {"os-floating-ips", "os-floating-ip-pools", "os-security-groups"}
    collections |= {"os-networks", "os-tenant-networks"}
    aliases = {extension.alias for extension in EXTENSIONS}
    assert collections <= aliases
    assert collections <= served
