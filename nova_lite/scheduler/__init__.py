# SPDX-License-Identifier: Apache-2.0
"""The scheduler: a snapshot of the hosts and a request in, ranked hosts and reasons out."""
