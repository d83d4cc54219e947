# SPDX-License-Identifier: Apache-2.0
"""The ground: what every process needs, whatever it does."""
