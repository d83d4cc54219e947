# SPDX-License-Identifier: Apache-2.0
"""On servers: tests/functional/db/test_schema.py."""

from tests.functional.db.test_schema import *  # noqa: F403
