# SPDX-License-Identifier: Apache-2.0
"""On servers: tests/functional/db/test_instance_query.py."""

from tests.functional.db.test_instance_query import *  # noqa: F403
