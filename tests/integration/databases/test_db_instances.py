# SPDX-License-Identifier: Apache-2.0
"""On servers: tests/functional/db/test_instances.py."""

from tests.functional.db.test_instances import *  # noqa: F403
