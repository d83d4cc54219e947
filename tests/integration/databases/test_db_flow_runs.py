# SPDX-License-Identifier: Apache-2.0
"""On servers: tests/functional/db/test_flow_runs.py."""

from tests.functional.db.test_flow_runs import *  # noqa: F403
