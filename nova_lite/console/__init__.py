# SPDX-License-Identifier: Apache-2.0
"""The console proxies: from a browser's WebSocket to the screen or serial port of a guest."""
