# SPDX-License-Identifier: Apache-2.0
"""On servers: tests/functional/conductor/test_flavors.py."""

from tests.functional.conductor.test_flavors import *  # noqa: F403
