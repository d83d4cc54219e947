# SPDX-License-Identifier: Apache-2.0
"""The ground: what every process needs, whatever it does."""

# First of all: it says how eventlet is to be loaded, and others here load it.
from nova_lite.base import concurrency as concurrency
