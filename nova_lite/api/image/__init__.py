# SPDX-License-Identifier: Apache-2.0
"""The Image API v2 over the local image store, for clouds without an image service."""
