# SPDX-License-Identifier: Apache-2.0
"""Services: the daemons that report."""
