# SPDX-License-Identifier: Apache-2.0
"""Host aggregates show their uuid."""

from nova_lite.api.versions.change import Change, Drop, on

CHANGE = Change(number=41, title="Aggregate uuid", response=on(("aggregate",), Drop("uuid")))
