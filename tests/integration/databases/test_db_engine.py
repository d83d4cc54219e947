# SPDX-License-Identifier: Apache-2.0
"""On servers: tests/functional/db/test_engine.py."""

from tests.functional.db.test_engine import *  # noqa: F403
