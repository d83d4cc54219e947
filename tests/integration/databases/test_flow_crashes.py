# SPDX-License-Identifier: Apache-2.0
"""On servers: tests/functional/flows/test_crashes.py."""

from tests.functional.flows.conftest import cloud, make_cloud  # noqa: F401
from tests.functional.flows.test_crashes import *  # noqa: F403
