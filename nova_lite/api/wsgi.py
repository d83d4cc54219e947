# SPDX-License-Identifier: Apache-2.0
"""Puts the WSGI application together from the paste file, and offers it ready made.

`build(conf, bus)` for our own daemon and embedded mode; `nova_lite.api.wsgi:application` for
gunicorn, uwsgi and mod_wsgi, which reads the usual configuration files on the first use.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from oslo_middleware import cors, http_proxy_to_wsgi
from paste import deploy, urlmap

from nova_lite.api import assembly, discovery, openapi
from nova_lite.api.assembly import Parts
from nova_lite.api.dispatch import Dispatcher, not_found
from nova_lite.api.versions import HISTORY
from nova_lite.api.versions.history import OLDEST
from nova_lite.domain import errors
from nova_lite.rpc.clients import Clients

App = Callable[..., Any]

COMPOSITE: Final = "osapi_compute"
PROG: Final = "nova-lite-api"
CONFIG_FILES: Final = "NOVA_LITE_CONFIG_FILES"
_PLACES: Final = (
    "/etc/nova-lite",
    str(Path(sys.prefix) / "etc" / "nova-lite"),
    str(Path(__file__).parents[2] / "etc" / "nova-lite"),
)


def build(conf: Any, bus: Any, clients: Clients | None = None) -> App:
    """The whole API as one WSGI application. ConfigurationError when the pipelines are not
    good. `clients` where the process has some already, else new ones over `bus`."""
    path = find_paste_file(conf)
    with assembly.using(Parts(conf=conf, clients=clients or Clients.from_conf(bus, conf))):
        try:
            app: App = deploy.loadapp(f"config:{path}", name=COMPOSITE)
        except LookupError as error:
            reason = f"{path}: {' '.join(str(error).split())}"
            raise errors.ConfigurationError(
                option="[wsgi] api_paste_config", reason=reason
            ) from error
    return app


def find_paste_file(conf: Any) -> str:
    """The file that [wsgi] api_paste_config names: as it is, beside the configuration files,
    in /etc/nova-lite, where pip puts it, or in the source tree."""
    name = conf.wsgi.api_paste_config
    beside = [os.path.dirname(os.path.abspath(file)) for file in conf.config_file or ()]
    candidates = (
        [name]
        if os.path.isabs(name)
        else [os.path.join(place, name) for place in (*beside, *_PLACES)]
    )
    for path in candidates:
        if os.path.isfile(path):
            return os.path.abspath(path)
    raise errors.ConfigurationError(
        option="[wsgi] api_paste_config", reason=f"{name} is neither of {', '.join(candidates)}"
    )


# --- what the paste file names ---------------------------------------------------------------


def urlmap_factory(loader: Any, global_conf: dict[str, str], **local_conf: str) -> App:
    """`/path: app` lines; the longest path that fits wins."""
    mapping: App = urlmap.urlmap_factory(loader, global_conf, **local_conf)

    def only_paths(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        # `OPTIONS *` and `CONNECT host:port` ask for something else
        path = environ.get("PATH_INFO", "")
        if path and not path.startswith("/"):
            return not_found(environ, start_response)
        return mapping(environ, start_response)

    return only_paths


def auth_factory(loader: Any, global_conf: dict[str, str], **local_conf: str) -> App:
    """One of several pipelines: the line that is called as [api] auth_strategy says."""
    strategy = assembly.parts().conf.api.auth_strategy
    line = local_conf.get(strategy)
    if line is None:
        raise errors.ConfigurationError(
            option="[api] auth_strategy", reason=f"the paste file has no pipeline {strategy}"
        )
    *filters, name = line.split()
    app: App = loader.get_app(name, global_conf=global_conf)
    for each in reversed(filters):
        app = loader.get_filter(each, global_conf=global_conf)(app)
    return app


def compute_app(global_conf: dict[str, str], **local_conf: str) -> App:
    """The compute API; with `legacy = true` as /v2 has it, with `default = latest` in the newest
    microversion for those who ask for none."""
    parts = assembly.parts()
    return Dispatcher(
        parts.conf,
        parts.clients,
        legacy=local_conf.get("legacy") == "true",
        default=HISTORY.newest if local_conf.get("default") == "latest" else OLDEST,
    )


def image_app(global_conf: dict[str, str], **local_conf: str) -> App:
    """The Image API over the local store; every call is unknown where there is no such store."""
    if assembly.parts().conf.image.backend != "local":
        return not_found
    from nova_lite.api.image.app import image_app_factory

    app: App = image_app_factory(global_conf, **local_conf)
    return app


def network_app(global_conf: dict[str, str], **local_conf: str) -> App:
    """The Networking API over the built-in network; every call is unknown where networks are
    somebody else's."""
    if assembly.parts().conf.network.backend != "local":
        return not_found
    from nova_lite.api.network.app import network_app_factory

    app: App = network_app_factory(global_conf, **local_conf)
    return app


def not_here_app(global_conf: dict[str, str], **local_conf: str) -> App:
    """What another service of the cloud does in its own place."""
    return not_found


def image_versions_filter(global_conf: dict[str, str], **local_conf: str) -> Callable[[App], App]:
    """Answers for the Image API's own path, where it is there; else nothing."""
    if assembly.parts().conf.image.backend != "local":
        return lambda app: app
    from nova_lite.api.image.versions import Discovery

    return Discovery


def network_versions_filter(global_conf: dict[str, str], **local_conf: str) -> Callable[[App], App]:
    """The same for the Networking API's own path."""
    if assembly.parts().conf.network.backend != "local":
        return lambda app: app
    from nova_lite.api.network.versions import Discovery

    return Discovery


def authtoken_filter(global_conf: dict[str, str], **local_conf: str) -> Callable[[App], App]:
    """keystonemiddleware's auth_token with the options of [keystone_authtoken].

    ConfigurationError when they do not say how this service proves itself to Keystone."""
    from keystonemiddleware import auth_token

    conf = assembly.parts().conf
    check_authtoken(conf)
    given = {**local_conf, "oslo_config_config": conf}
    return lambda app: auth_token.AuthProtocol(app, dict(given))


def check_authtoken(conf: Any) -> None:
    """Load the plugin once: the middleware would find out with the first token only."""
    from keystoneauth1 import exceptions, loading

    group = "keystone_authtoken"
    loading.register_auth_conf_options(conf, group)
    try:
        plugin = loading.load_auth_from_conf_options(conf, group)
    except exceptions.ClientException as error:
        reason = " ".join(str(error).split())
        raise errors.ConfigurationError(option=f"[{group}]", reason=reason) from error
    if plugin is None:
        raise errors.ConfigurationError(option=f"[{group}] auth_type", reason="is not set")


def cors_filter(global_conf: dict[str, str], **local_conf: str) -> Callable[[App], App]:
    """oslo.middleware's CORS, where [cors] allowed_origin is set; else nothing."""
    conf = assembly.parts().conf
    conf.register_opts(cors.CORS_OPTS, "cors")
    if not conf.cors.allowed_origin:
        return lambda app: app
    return lambda app: cors.CORS(app, conf)


def proxy_filter(global_conf: dict[str, str], **local_conf: str) -> Callable[[App], App]:
    """X-Forwarded headers, where [oslo_middleware] enable_proxy_headers_parsing; else nothing."""
    conf = assembly.parts().conf
    conf.register_opts(http_proxy_to_wsgi.OPTS, "oslo_middleware")
    if not conf.oslo_middleware.enable_proxy_headers_parsing:
        return lambda app: app
    return lambda app: http_proxy_to_wsgi.HTTPProxyToWSGI(app, conf)


def versions_app(global_conf: dict[str, str], **local_conf: str) -> App:
    return discovery.Versions(assembly.parts().conf)


def openapi_app(global_conf: dict[str, str], **local_conf: str) -> App:
    return openapi.OpenApi(assembly.parts().conf)


def endpoint_filter(global_conf: dict[str, str], **local_conf: str) -> Callable[[App], App]:
    """`name`: v2 or v2.1."""
    conf = assembly.parts().conf
    return lambda app: discovery.Endpoint(app, conf, local_conf["name"])


# --- for other servers -----------------------------------------------------------------------

_application: App | None = None


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
    """The application of this process, built on the first request or by `get_application`."""
    return get_application()(environ, start_response)


def get_application() -> App:
    """Reads the files that NOVA_LITE_CONFIG_FILES names (colons between), or the default one."""
    global _application
    if _application is None:
        from nova_lite.rpc.transport import make_bus

        conf = read_configuration(PROG)
        _application = build(conf, make_bus(conf))
    return _application


def read_configuration(prog: str) -> Any:
    """Of a process that is somebody else's server; its log is opened."""
    from nova_lite.base import conf as base_conf
    from nova_lite.base import log as base_log

    named = os.environ.get(CONFIG_FILES, "")
    argv = [word for file in named.split(":") if file for word in ("--config-file", file)]
    base_log.register(base_conf.CONF)
    conf = base_conf.setup(argv, prog)
    base_log.setup(conf, prog)
    return conf
