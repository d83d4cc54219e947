# SPDX-License-Identifier: Apache-2.0
"""The `nova-lite` command: everything over REST, nothing behind its back."""
