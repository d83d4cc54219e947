# SPDX-License-Identifier: Apache-2.0
"""Volumes: none, a fake."""
