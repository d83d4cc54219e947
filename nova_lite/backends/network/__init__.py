# SPDX-License-Identifier: Apache-2.0
"""Networks: none, the user-mode NIC, a fake."""
