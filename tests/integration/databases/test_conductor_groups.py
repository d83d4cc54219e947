# SPDX-License-Identifier: Apache-2.0
"""On servers: tests/functional/conductor/test_groups.py."""

from tests.functional.conductor.test_groups import *  # noqa: F403
