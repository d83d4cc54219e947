# SPDX-License-Identifier: Apache-2.0
"""On servers: tests/functional/db/test_console_tokens.py."""

from tests.functional.db.test_console_tokens import *  # noqa: F403
