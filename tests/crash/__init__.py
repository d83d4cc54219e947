# SPDX-License-Identifier: Apache-2.0
"""Killing daemons and the broker under load: nothing may be stuck, nothing may leak."""
