# SPDX-License-Identifier: Apache-2.0
"""The Compute REST API: HTTP on one side, the conductor's contract on the other."""
