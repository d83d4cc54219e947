# SPDX-License-Identifier: Apache-2.0
"""The wires between the daemons: contracts, codec and transports."""
