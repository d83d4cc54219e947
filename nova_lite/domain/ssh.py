# SPDX-License-Identifier: Apache-2.0
"""Where a guest's ssh server is reached that has no address of its own."""

import msgspec

GUEST_PORT = 22


class SshAddress(msgspec.Struct, frozen=True, kw_only=True):
    """`address` and `port`: of the machine that the compute service `host` runs on."""

    host: str
    address: str
    port: int
