# SPDX-License-Identifier: Apache-2.0
"""One package per noun, always with routes, handlers, schema, policy and view inside."""
