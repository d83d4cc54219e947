# SPDX-License-Identifier: Apache-2.0
"""The metadata service: guests ask what they are, through a relay that says who asks."""
