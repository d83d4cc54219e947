# SPDX-License-Identifier: Apache-2.0
"""The compute service: guests of one host."""
