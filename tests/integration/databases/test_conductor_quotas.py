# SPDX-License-Identifier: Apache-2.0
"""On servers: tests/functional/conductor/test_quotas.py."""

from tests.functional.conductor.test_quotas import *  # noqa: F403
