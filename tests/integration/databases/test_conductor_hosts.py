# SPDX-License-Identifier: Apache-2.0
"""On servers: tests/functional/conductor/test_hosts.py."""

from tests.functional.conductor.test_hosts import *  # noqa: F403
