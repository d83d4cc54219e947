# SPDX-License-Identifier: Apache-2.0
"""On servers: tests/functional/conductor/test_aggregates.py."""

from tests.functional.conductor.test_aggregates import *  # noqa: F403
