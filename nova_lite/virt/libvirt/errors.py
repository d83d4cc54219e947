# SPDX-License-Identifier: Apache-2.0
"""The binding, and what its errors are in our words."""

import functools
import importlib
from typing import Any

from nova_lite.domain.errors import (
    ConfigurationError,
    GuestNotFound,
    GuestOperationFailed,
    HypervisorUnavailable,
    NovaLiteError,
)
from nova_lite.domain.libvirtd import how_to_start


@functools.cache
def binding() -> Any:
    """The libvirt module. ConfigurationError when it is not installed."""
    try:
        import libvirt
    except ImportError as error:
        raise ConfigurationError(
            option="[DEFAULT] compute_driver",
            reason="the Python binding of libvirt is missing: pip install libvirt-python "
            f"(Debian: apt-get install python3-libvirt): {error}",
        ) from error
    # Errors come as exceptions; without this each is printed to stderr as well.
    libvirt.registerErrorHandler(lambda context, error: None, None)
    return libvirt


@functools.cache
def emulator_binding() -> Any:
    """The part of the binding that talks to QEMU itself. ConfigurationError without it."""
    try:
        return importlib.import_module("libvirt_qemu")  # a part of libvirt-python
    except ImportError as error:
        raise ConfigurationError(
            option="[network] user_ssh",
            reason="libvirt's Python binding has no libvirt_qemu; set it to false",
        ) from error


def failure() -> type[Exception]:
    """The class of everything that the binding raises."""
    kind: type[Exception] = binding().libvirtError
    return kind


def is_missing(error: Any) -> bool:
    """There is no such domain."""
    return bool(error.get_error_code() == binding().VIR_ERR_NO_DOMAIN)


def is_broken(error: Any) -> bool:
    """The connection is of no use any more."""
    lib = binding()
    if error.get_error_code() in (lib.VIR_ERR_NO_CONNECT, lib.VIR_ERR_INVALID_CONN):
        return True
    codes = (lib.VIR_ERR_SYSTEM_ERROR, lib.VIR_ERR_INTERNAL_ERROR, lib.VIR_ERR_RPC)
    places = (lib.VIR_FROM_REMOTE, lib.VIR_FROM_RPC)
    return error.get_error_code() in codes and error.get_error_domain() in places


def message(error: Any) -> str:
    """What libvirt says, in one line."""
    return " ".join(str(error.get_error_message() or error).split())


def translate(error: Any, host: str, operation: str, name: str) -> NovaLiteError:
    """A domain error for a libvirtError that `operation` on guest `name` met."""
    if is_missing(error):
        return GuestNotFound(name=name)
    if is_broken(error):
        return HypervisorUnavailable(service="libvirt", host=host, reason=message(error))
    return GuestOperationFailed(operation=operation, name=name, reason=message(error))


def connect_reason(error: Any, uri: str) -> str:
    """Why libvirt cannot be reached, and what to do about it."""
    text = message(error)
    lowered = text.lower()
    if "no such file" in lowered or "connection refused" in lowered:
        advice = (
            f"is libvirtd running? ({how_to_start()}; where it is not installed, on Debian: "
            "apt-get install libvirt-daemon-system)"
        )
    elif (
        "permission denied" in lowered or "authentication" in lowered or "access denied" in lowered
    ):
        advice = "may this user use it? (adduser USER libvirt)"
    else:
        advice = "see the log of libvirtd"
    return f"cannot connect to {uri}: {text}; {advice}"
