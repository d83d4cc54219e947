# SPDX-License-Identifier: Apache-2.0
"""Talking to another OpenStack service: keystoneauth's adapter from a group of options.

Calls go out in the caller's name, with the caller's token, beside which our own service token
is sent so that a long task outlives the user's token. Without a caller's token our own is used.
"""

from typing import Any

from keystoneauth1 import adapter as ks_adapter
from keystoneauth1 import exceptions as ks_errors
from keystoneauth1 import loading, noauth
from oslo_config import cfg

from nova_lite.base.context import RequestContext
from nova_lite.domain.errors import ConfigurationError

READ_TIMEOUT = 60  # seconds without a byte after which a peer counts as dead


def register(conf: cfg.ConfigOpts, group: str) -> None:
    """Make keystoneauth's options of a group known: session, credentials, endpoint."""
    loading.register_session_conf_options(conf, group)
    loading.register_auth_conf_options(conf, group)
    loading.register_adapter_conf_options(conf, group)


class Service:
    """One service of the catalogue, or the one at `endpoint_override`."""

    def __init__(self, conf: cfg.ConfigOpts, group: str, service_type: str) -> None:
        register(conf, group)
        self._group = group
        options = conf[group]
        try:
            self._auth = loading.load_auth_from_conf_options(conf, group)
        except ks_errors.MissingAuthPlugin:
            self._auth = None
        except ks_errors.AuthPluginException as error:
            raise ConfigurationError(option=f"[{group}] auth_type", reason=str(error)) from error
        if isinstance(self._auth, noauth.NoAuth):
            self._auth = None
        if self._auth is None and not options.endpoint_override:
            reason = f"set it with credentials, or [{group}] endpoint_override"
            raise ConfigurationError(option=f"[{group}] auth_type", reason=reason)
        session = loading.load_session_from_conf_options(
            conf, group, auth=self._auth, timeout=options.timeout or READ_TIMEOUT
        )
        self._adapter: ks_adapter.Adapter = loading.load_adapter_from_conf_options(
            conf,
            group,
            session=session,
            service_type=options.service_type or service_type,
        )

    def endpoint(self) -> str:
        """The service's URL. Raises keystoneauth1's ClientException."""
        return str(self._adapter.get_endpoint() or "")

    def request(self, context: RequestContext, path: str, method: str, **kwargs: Any) -> Any:
        """A requests.Response whatever its status. Raises keystoneauth1's ClientException
        when there is none."""
        headers = dict(kwargs.pop("headers", None) or {})
        own_name = context.auth_token is None
        if context.auth_token is not None:
            headers["X-Auth-Token"] = context.auth_token
            if self._auth is not None:
                headers["X-Service-Token"] = self._adapter.get_token()
        if context.request_id:
            headers["X-OpenStack-Request-ID"] = context.global_request_id or context.request_id
        return self._adapter.request(
            path,
            method,
            raise_exc=False,
            authenticated=own_name and self._auth is not None,
            headers=headers,
            **kwargs,
        )
