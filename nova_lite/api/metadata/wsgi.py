# SPDX-License-Identifier: Apache-2.0
"""`nova_lite.api.metadata.wsgi:application` for gunicorn, uwsgi and mod_wsgi: the metadata
service, which reads the usual configuration files on the first use."""

from collections.abc import Callable
from typing import Any

from nova_lite.api.metadata import service
from nova_lite.api.wsgi import read_configuration

_application: Any = None


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
    """The application of this process, built on the first request or by `get_application`."""
    return get_application()(environ, start_response)


def get_application() -> Any:
    """Reads the files that NOVA_LITE_CONFIG_FILES names (colons between), or the default one."""
    global _application
    if _application is None:
        from nova_lite.rpc.clients import Clients
        from nova_lite.rpc.transport import make_bus

        conf = read_configuration(service.PROG)
        _application = service.application(conf, Clients.from_conf(make_bus(conf), conf))
    return _application
