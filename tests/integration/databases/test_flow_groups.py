# SPDX-License-Identifier: Apache-2.0
"""On servers: tests/functional/flows/test_groups.py."""

from tests.functional.flows.conftest import cloud, make_cloud  # noqa: F401
from tests.functional.flows.test_groups import *  # noqa: F403
