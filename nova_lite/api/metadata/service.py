# SPDX-License-Identifier: Apache-2.0
"""The metadata service as a daemon, and its application for other WSGI servers."""

import socket
from typing import Any, Final

from nova_lite.api import serve
from nova_lite.api.metadata.app import MetadataApi
from nova_lite.api.middleware.requestlog import RequestLog
from nova_lite.base.service import Service
from nova_lite.domain import errors

PROG: Final = "nova-lite-api-metadata"


def place(conf: Any) -> serve.Place:
    return serve.Place(
        conf.metadata_listen, conf.metadata_listen_port, "metadata_listen", "the metadata API"
    )


def application(conf: Any, clients: Any) -> RequestLog:
    """The WSGI application. Raises ConfigurationError."""
    check(conf)
    return RequestLog(MetadataApi(conf, clients))


def check(conf: Any) -> None:
    """ConfigurationError where it would not be known who asks."""
    if not conf.neutron.service_metadata_proxy:
        raise errors.ConfigurationError(
            option="[neutron] service_metadata_proxy",
            reason="has to be true: who asks is known from a relay's headers alone",
        )
    if not conf.neutron.metadata_proxy_shared_secret:
        raise errors.ConfigurationError(
            option="[neutron] metadata_proxy_shared_secret",
            reason="is not set; it is what the relays have under the same name",
        )


def build(conf: Any, bus: Any, clients: Any, *, sock: socket.socket | None = None) -> Service:
    """`sock`: one that was made before the workers were forked, else it is made at start."""
    app = application(conf, clients)
    return Service(PROG, [serve.HttpServer(conf, app, sock, place=place(conf), tls=False)])
