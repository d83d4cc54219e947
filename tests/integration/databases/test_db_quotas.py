# SPDX-License-Identifier: Apache-2.0
"""On servers: tests/functional/db/test_quotas.py."""

from tests.functional.db.test_quotas import *  # noqa: F403
