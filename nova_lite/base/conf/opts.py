# SPDX-License-Identifier: Apache-2.0
"""Every option of ours: the table that the registration and the sample generator read."""

from oslo_config import cfg

from nova_lite.base.conf import (
    api,
    compute,
    conductor,
    console,
    consoleauth,
    database,
    default,
    fake,
    filter_scheduler,
    glance,
    image,
    image_cache,
    libvirt,
    network,
    neutron,
    quota,
    scheduler,
    serial_console,
    spice,
    upgrade_levels,
    vnc,
    volume,
    workarounds,
    wsgi,
)

# A new option is a line in its group's module; a new group a module and a line here.
GROUPS: list[tuple[str, list[cfg.Opt]]] = [
    (default.GROUP, default.OPTIONS),
    (api.GROUP, api.OPTIONS),
    (wsgi.GROUP, wsgi.OPTIONS),
    (database.API_GROUP, database.API_OPTIONS),
    (database.GROUP, database.OPTIONS),
    (scheduler.GROUP, scheduler.OPTIONS),
    (filter_scheduler.GROUP, filter_scheduler.OPTIONS),
    (conductor.GROUP, conductor.OPTIONS),
    (upgrade_levels.GROUP, upgrade_levels.OPTIONS),
    (compute.GROUP, compute.OPTIONS),
    (image_cache.GROUP, image_cache.OPTIONS),
    (libvirt.GROUP, libvirt.OPTIONS),
    (fake.GROUP, fake.OPTIONS),
    (vnc.GROUP, vnc.OPTIONS),
    (spice.GROUP, spice.OPTIONS),
    (serial_console.GROUP, serial_console.OPTIONS),
    (consoleauth.GROUP, consoleauth.OPTIONS),
    (console.GROUP, console.OPTIONS),
    (console.PROXY_GROUP, console.PROXY_OPTIONS),
    (quota.GROUP, quota.OPTIONS),
    (glance.GROUP, glance.OPTIONS),
    (image.GROUP, image.OPTIONS),
    (network.GROUP, network.OPTIONS),
    (neutron.GROUP, neutron.OPTIONS),
    (volume.GROUP, volume.OPTIONS),
    (workarounds.GROUP, workarounds.OPTIONS),
]


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """For oslo-config-generator (entry point `oslo.config.opts`)."""
    return [*GROUPS, *((group, _credentials()) for group in (glance.GROUP,))]


def _credentials() -> list[cfg.Opt]:
    """The options of groups that name another service; keystoneauth makes them known when
    that service is used."""
    from keystoneauth1 import loading

    options = [
        *loading.get_session_conf_options(),
        *loading.get_auth_common_conf_options(),
        *loading.get_auth_plugin_conf_options("password"),
        *loading.get_adapter_conf_options(),
    ]
    return list({option.name: option for option in options}.values())
