# SPDX-License-Identifier: Apache-2.0
"""The concurrency back end of this test run, chosen before anything else is imported.

NOVA_LITE_CONCURRENCY=eventlet or threading; without it the tests run on native threads.
"""

import os

from nova_lite.base import concurrency

if os.environ.get(concurrency.ENVIRONMENT):
    concurrency.patch()
