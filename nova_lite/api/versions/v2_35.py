# SPDX-License-Identifier: Apache-2.0
"""Key pair lists are paged."""

from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.versions.change import Change, no_params

CHANGE = Change(
    number=35,
    title="Keypair paging; sorted by name",
    query={"keypairs.list": no_params("limit", "marker")},
    behaviours=(Behaviour.KEYPAIR_PAGES,),
)
