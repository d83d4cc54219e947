# SPDX-License-Identifier: Apache-2.0
"""The password that a guest has told, encrypted for who has the key."""
