# SPDX-License-Identifier: Apache-2.0
"""Servers: create, list, show, update, delete. Their actions are in nova_lite/api/actions."""
