# SPDX-License-Identifier: Apache-2.0
"""The compute service as a daemon: its hosts (mostly one), and their periodic jobs."""

from typing import Any

from nova_lite.backends.image.port import ImagePort
from nova_lite.backends.load import load_image
from nova_lite.base.service import Service
from nova_lite.compute import periodic
from nova_lite.compute.drivers import load_driver
from nova_lite.compute.host import ComputeHost
from nova_lite.compute.images import ImageCache
from nova_lite.compute.roots import FactsOnly, Roots
from nova_lite.rpc.clients import Clients
from nova_lite.rpc.port import Bus

NAME = "nova-lite-compute"


def build(conf: Any, bus: Bus, clients: Clients, images: ImagePort | None = None) -> Service:
    """The daemon's parts. `images`: the image back end, where one exists in this process
    already. Raises ConfigurationError for a driver or back end that is not known."""
    names = host_names(conf)
    drivers = [load_driver(conf) for _ in names]
    source = images or load_image(conf)
    cache = None
    roots: Roots
    if drivers[0].reads_images:
        roots = cache = ImageCache(conf, source)
        cache.prepare()
    else:
        roots = FactsOnly(source, conf.compute.image_type_exclude_list)
    hosts = [
        ComputeHost(conf, name, driver, roots, source, bus, clients, alone=len(names) == 1)
        for name, driver in zip(names, drivers, strict=True)
    ]
    return Service(NAME, hosts, periodic.jobs(conf, clients, hosts, cache))


def host_names(conf: Any) -> list[str]:
    """The hosts that this process is. More than one can only be pretended."""
    pretends = conf.compute_driver in ("fake", "fake.FakeDriver")
    if not pretends or conf.fake.hosts == 1:
        return [str(conf.host)]
    return [f"{conf.host}-{number}" for number in range(1, conf.fake.hosts + 1)]
