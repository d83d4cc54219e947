# SPDX-License-Identifier: Apache-2.0
"""Quota of projects."""
