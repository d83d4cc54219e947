# SPDX-License-Identifier: Apache-2.0
"""What a guest is told about itself: the documents of the metadata service and the config
drive, made from values. Pure."""
