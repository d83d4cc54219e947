# SPDX-License-Identifier: Apache-2.0
"""On servers: tests/functional/db/test_usage.py."""

from tests.functional.db.test_usage import *  # noqa: F403
