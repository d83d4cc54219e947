# SPDX-License-Identifier: Apache-2.0
"""python -m bench: everything there is to measure, in one run."""

import sys

from bench.cloud import main

sys.exit(main())
