# SPDX-License-Identifier: Apache-2.0
"""From an option to the back end that it names: ours and others' are entry points."""

from importlib import metadata
from typing import Any, cast

from nova_lite.backends.image.port import ImagePort
from nova_lite.backends.network.port import NetworkPort
from nova_lite.backends.volume.port import VolumePort
from nova_lite.domain import errors


def load_image(conf: Any) -> ImagePort:
    """The back end that [image] backend names. Raises ConfigurationError."""
    return cast(ImagePort, _load(conf, "image"))


def load_network(conf: Any) -> NetworkPort:
    """The back end that [network] backend names. Raises ConfigurationError."""
    return cast(NetworkPort, _load(conf, "network"))


def load_volume(conf: Any) -> VolumePort:
    """The back end that [volume] backend names. Raises ConfigurationError."""
    return cast(VolumePort, _load(conf, "volume"))


def _load(conf: Any, kind: str) -> object:
    name = conf[kind].backend
    group = f"nova_lite.{kind}.backends"
    known = {point.name: point for point in metadata.entry_points(group=group)}
    option = f"[{kind}] backend"
    if name not in known:
        names = ", ".join(sorted(known)) or "none installed"
        raise errors.ConfigurationError(
            option=option, reason=f"{name} is not known; there are: {names}"
        )
    try:
        made = known[name].load()
    except (ImportError, AttributeError) as error:
        raise errors.ConfigurationError(
            option=option, reason=f"{name} cannot be loaded: {error}"
        ) from error
    return made(conf)
