# SPDX-License-Identifier: Apache-2.0
"""What we talk about: plain frozen values and pure functions, free of I/O."""
