# SPDX-License-Identifier: Apache-2.0
"""WSGI layers around the dispatcher; etc/nova-lite/api-paste.ini says in which order."""
