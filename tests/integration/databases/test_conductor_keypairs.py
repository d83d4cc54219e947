# SPDX-License-Identifier: Apache-2.0
"""On servers: tests/functional/conductor/test_keypairs.py."""

from tests.functional.conductor.test_keypairs import *  # noqa: F403
