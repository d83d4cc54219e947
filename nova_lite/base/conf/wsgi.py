# SPDX-License-Identifier: Apache-2.0
"""[wsgi]: the HTTP server of the API daemons."""

from oslo_config import cfg

GROUP = "wsgi"

OPTIONS: list[cfg.Opt] = [
    cfg.StrOpt("api_paste_config", default="api-paste.ini", help="The file with the pipelines."),
    cfg.StrOpt("ssl_cert_file", help="Certificate; with it the API speaks TLS."),
    cfg.StrOpt("ssl_key_file", help="The certificate's private key."),
    cfg.StrOpt("ssl_ca_file", help="CA bundle that client certificates must chain to."),
    cfg.IntOpt(
        "tcp_keepidle", default=600, min=1, help="Seconds before the first keep-alive probe."
    ),
    cfg.IntOpt("default_pool_size", default=1000, min=1, help="Connections at a time per worker."),
    cfg.IntOpt("max_header_line", default=16384, min=1, help="The longest header line, in bytes."),
    cfg.BoolOpt("keep_alive", default=True, help="Keep connections between requests."),
    cfg.IntOpt(
        "client_socket_timeout",
        default=900,
        min=0,
        help="Seconds that an idle connection is kept; 0: for ever.",
    ),
]
