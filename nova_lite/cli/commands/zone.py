# SPDX-License-Identifier: Apache-2.0
"""Availability zones."""

import argparse
from typing import Any

from nova_lite.cli.output import ListThem


class ListZones(ListThem):
    """List availability zones.

    Example: nova-lite availability zone list
    """

    def take_action(self, args: argparse.Namespace) -> Any:
        found = self.api.get("/os-availability-zone")["availabilityZoneInfo"]
        state = {True: "available", False: "not available"}
        return ["Zone", "State"], [
            (zone["zoneName"], state[zone["zoneState"]["available"]]) for zone in found
        ]
