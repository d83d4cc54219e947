# SPDX-License-Identifier: Apache-2.0
"""The executables: each builds its daemon by hand and runs it."""
