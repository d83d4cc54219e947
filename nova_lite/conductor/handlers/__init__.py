# SPDX-License-Identifier: Apache-2.0
"""Short calls, one module a noun. Each class takes Deps; its methods are the contract's."""
