# SPDX-License-Identifier: Apache-2.0
"""Steps that flows are made of. Each may run twice, and each undo also when nothing was done."""
