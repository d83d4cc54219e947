# SPDX-License-Identifier: Apache-2.0
"""Logging: oslo.log with the line that operators of Nova know, secrets masked."""

import logging

from oslo_config import cfg
from oslo_log import log as oslo_log
from oslo_utils import strutils

LINE = (
    "%(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s "
    "[%(global_request_id)s %(request_id)s %(user_identity)s] %(instance)s%(message)s"
)
LINE_WITHOUT_CONTEXT = (
    "%(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s [-] %(instance)s%(message)s"
)

# Libraries that say too much at the level that is right for us.
QUIET = (
    "alembic=WARN",
    "amqp=WARN",
    "amqplib=WARN",
    "sqlalchemy=WARN",
    "oslo.messaging=INFO",
    "oslo_messaging=INFO",
    "oslo_policy=INFO",
    "oslo_service=WARN",
    "iso8601=WARN",
    "requests.packages.urllib3.connectionpool=WARN",
    "urllib3.connectionpool=WARN",
    "urllib3.util.retry=WARN",
    "keystonemiddleware=WARN",
    "routes.middleware=WARN",
    "stevedore=WARN",
    "keystoneauth=WARN",
    "openstack=WARN",
)


def register(conf: cfg.ConfigOpts) -> None:
    """Make oslo.log's options known, with our defaults. Before the files are read."""
    if "log_file" not in conf:
        oslo_log.register_options(conf)
    oslo_log.set_defaults(logging_context_format_string=LINE, default_log_levels=list(QUIET))
    conf.set_default("logging_default_format_string", LINE_WITHOUT_CONTEXT)


def setup(conf: cfg.ConfigOpts, prog: str) -> None:
    """Start logging as the options say; again after they changed (SIGHUP)."""
    oslo_log.setup(conf, prog)
    mask = _Mask()
    for handler in logging.getLogger().handlers:
        if not any(isinstance(known, _Mask) for known in handler.filters):
            handler.addFilter(mask)


# What strutils.mask_password does not know, or what makes looking at a line worthwhile.
_SUSPICIOUS = ("pass", "secret", "token", "auth", "key", "://")


class _Mask(logging.Filter):
    """Replaces passwords and tokens in finished lines with ***.

    Most lines name nothing secret; those cost a few searches and nothing more."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            text = record.getMessage()
        except (TypeError, ValueError):  # arguments that do not fit: logging reports it itself
            return True
        lowered = text.lower()
        if any(word in lowered for word in _SUSPICIOUS):
            record.msg, record.args = mask(text), None
        return True


def mask(text: str) -> str:
    """`text` without passwords, tokens and the passwords in URLs."""
    masked: str = strutils.mask_password(text)
    if "://" in masked:
        masked = _mask_urls(masked)
    return masked


def _mask_urls(text: str) -> str:
    """`scheme://user:password@host` -> `scheme://user:***@host`."""
    parts = text.split("://")
    for index in range(1, len(parts)):
        authority, slash, rest = parts[index].partition("/")
        before, at, host = authority.rpartition("@")
        if at and ":" in before and " " not in before:
            parts[index] = f"{before.partition(':')[0]}:***@{host}{slash}{rest}"
    return "://".join(parts)
