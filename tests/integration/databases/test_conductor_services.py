# SPDX-License-Identifier: Apache-2.0
"""On servers: tests/functional/conductor/test_services.py."""

from tests.functional.conductor.test_services import *  # noqa: F403
