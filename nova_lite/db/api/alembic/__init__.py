# SPDX-License-Identifier: Apache-2.0
"""The revisions of the api database."""
