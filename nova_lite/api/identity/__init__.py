# SPDX-License-Identifier: Apache-2.0
"""As much of the Identity API v3 as clients need to turn names into ids, where no Keystone is.

Read from the file that gives http_basic users their projects; nothing can be changed here.
"""
