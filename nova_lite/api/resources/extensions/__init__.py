# SPDX-License-Identifier: Apache-2.0
"""Extensions: what clients from before microversions ask for."""
