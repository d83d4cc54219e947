# SPDX-License-Identifier: Apache-2.0
"""Speed and memory, measured over the REST API against floors of the same run."""
