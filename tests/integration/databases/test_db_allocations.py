# SPDX-License-Identifier: Apache-2.0
"""On servers: tests/functional/db/test_allocations.py."""

from tests.functional.db.test_allocations import *  # noqa: F403
