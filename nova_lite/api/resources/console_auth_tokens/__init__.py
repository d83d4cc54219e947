# SPDX-License-Identifier: Apache-2.0
"""What tokens of consoles are for."""
