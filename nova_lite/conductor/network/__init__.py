# SPDX-License-Identifier: Apache-2.0
"""The built-in network: what may be written about it, and who has to hear of it."""
