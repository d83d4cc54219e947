# SPDX-License-Identifier: Apache-2.0
"""The calls about host aggregates take no parameters."""

from nova_lite.api.route import NO_QUERY

LIST = NO_QUERY
SHOW = NO_QUERY
