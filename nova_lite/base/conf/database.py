# SPDX-License-Identifier: Apache-2.0
"""[api_database] and [database]: only the conductor and the manage command have them."""

from oslo_config import cfg


def _options(what: str) -> list[cfg.Opt]:
    return [
        cfg.StrOpt("connection", secret=True, help=f"URL of the {what} database."),
        cfg.IntOpt("max_pool_size", default=5, min=1, help="Connections kept open."),
        cfg.IntOpt(
            "max_overflow", default=50, min=0, help="Connections beyond those, when needed."
        ),
        cfg.IntOpt("pool_timeout", default=30, min=1, help="Seconds to wait for a connection."),
        cfg.IntOpt(
            "connection_recycle_time",
            default=3600,
            help="Seconds after which a pooled connection is replaced.",
        ),
        cfg.IntOpt("max_retries", default=10, help="Tries to connect at start; -1: without end."),
        cfg.IntOpt("retry_interval", default=10, min=0, help="Seconds between those tries."),
        cfg.IntOpt(
            "db_max_retries",
            default=20,
            min=0,
            help="Tries of a transaction that lost a race (deadlock) or its connection.",
        ),
        cfg.StrOpt("mysql_sql_mode", default="TRADITIONAL", help="SQL mode on MySQL, MariaDB."),
        cfg.IntOpt(
            "connection_debug", default=0, min=0, max=100, help="50: log statements, 100: rows too."
        ),
    ]


API_GROUP = "api_database"
API_OPTIONS = _options("API")

GROUP = "database"
OPTIONS: list[cfg.Opt] = _options("cell")
