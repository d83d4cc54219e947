# SPDX-License-Identifier: Apache-2.0
"""The calls about availability zones take no parameters."""

from nova_lite.api.route import NO_QUERY

LIST = NO_QUERY
