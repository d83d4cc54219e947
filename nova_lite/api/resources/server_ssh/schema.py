# SPDX-License-Identifier: Apache-2.0
"""Nothing is sent with the call."""
