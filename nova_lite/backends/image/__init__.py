# SPDX-License-Identifier: Apache-2.0
"""Images: Glance, a local directory, a fake."""
