# SPDX-License-Identifier: Apache-2.0
"""The network of one host: what the rows of the conductor say, made true and kept so."""
