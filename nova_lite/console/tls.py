# SPDX-License-Identifier: Apache-2.0
"""Encryption, on both sides of a proxy. Wrong files and words are named."""

import ssl
from pathlib import Path
from typing import Any, Final

from nova_lite.base.conf.console import DEFAULT_CERT
from nova_lite.console.rfb import Plain, Scheme, VeNCrypt
from nova_lite.domain.errors import ConfigurationError

VERSIONS: Final = {
    "tlsv1_1": ssl.TLSVersion.TLSv1_1,
    "tlsv1_2": ssl.TLSVersion.TLSv1_2,
    "tlsv1_3": ssl.TLSVersion.TLSv1_3,
}


def towards_browsers(conf: Any) -> ssl.SSLContext | None:
    """None: without encryption. Raises ConfigurationError."""
    if conf.cert == DEFAULT_CERT and not Path(conf.cert).exists():
        if conf.ssl_only:
            raise ConfigurationError(option="ssl_only", reason="there is no certificate in `cert`")
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(conf.cert, conf.key or None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(option="cert, key", reason=f"{conf.cert}: {error}") from error
    if conf.console.ssl_minimum_version in VERSIONS:
        context.minimum_version = VERSIONS[conf.console.ssl_minimum_version]
    if conf.console.ssl_ciphers:
        try:
            context.set_ciphers(conf.console.ssl_ciphers)
        except ssl.SSLError as error:
            raise ConfigurationError(option="[console] ssl_ciphers", reason=str(error)) from error
    return context


def towards_hosts(conf: Any) -> list[Scheme]:
    """What is done with screens, the first that a host has. Raises ConfigurationError."""
    made: list[Scheme] = []
    for name in conf.vnc.auth_schemes:
        if name == "none":
            made.append(Plain())
        else:
            made.append(VeNCrypt(_certificates(conf)))
    return made


def _certificates(conf: Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    if not conf.vnc.vencrypt_ca_certs:
        reason = "vencrypt needs the certificate of an authority that hosts are known by"
        raise ConfigurationError(option="[vnc] vencrypt_ca_certs", reason=reason)
    option = "vencrypt_ca_certs"
    try:
        context.load_verify_locations(conf.vnc.vencrypt_ca_certs)
        if conf.vnc.vencrypt_client_cert:
            option = "vencrypt_client_cert"
            key = conf.vnc.vencrypt_client_key
            context.load_cert_chain(conf.vnc.vencrypt_client_cert, key or None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(option=f"[vnc] {option}", reason=str(error)) from error
    return context
