# SPDX-License-Identifier: Apache-2.0
"""On servers: tests/functional/db/test_providers.py."""

from tests.functional.db.test_providers import *  # noqa: F403
