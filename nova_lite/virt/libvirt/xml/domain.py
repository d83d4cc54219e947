# SPDX-License-Identifier: Apache-2.0
"""<domain>: the whole guest."""

from nova_lite.virt.libvirt.guestspec import GuestSpec
from nova_lite.virt.libvirt.xml import cpu, device, disk, graphics
from nova_lite.virt.libvirt.xml.element import Element, element, render
from nova_lite.virt.libvirt.xml.interface import interface
from nova_lite.virt.libvirt.xml.metadata import metadata

MANUFACTURER = "nova_lite"
# The name by which cloud-init and the like know that there is metadata to be had.
PRODUCT = "OpenStack Compute"
_PC = ("x86_64", "i686")


def domain_xml(spec: GuestSpec) -> str:
    """The text that libvirt defines a guest from."""
    return render(
        element(
            "domain",
            element("name", spec.name),
            element("uuid", spec.owner.uuid),
            metadata(spec.owner),
            element("memory", spec.memory_mb, unit="MiB"),
            element("vcpu", spec.vcpus, placement="static"),
            cpu.tune(spec.tune),
            _sysinfo(spec) if spec.arch in _PC else None,
            _os(spec),
            _features(spec),
            cpu.cpu(spec.cpu),
            _clock(spec),
            element("on_poweroff", "destroy"),
            element("on_reboot", "restart"),
            element("on_crash", "destroy"),
            _devices(spec),
            type=spec.virt_type,
        )
    )


def _sysinfo(spec: GuestSpec) -> Element:
    entries = {
        "manufacturer": MANUFACTURER,
        "product": PRODUCT,
        "version": spec.version or None,
        "serial": spec.owner.uuid,
        "uuid": spec.owner.uuid,
        "family": "Virtual Machine",
    }
    return element(
        "sysinfo",
        element(
            "system",
            *(element("entry", text, name=name) for name, text in entries.items() if text),
        ),
        type="smbios",
    )


def _os(spec: GuestSpec) -> Element:
    return element(
        "os",
        element("type", "hvm", arch=spec.arch, machine=spec.machine),
        _firmware() if spec.uefi else None,
        element("bootmenu", enable="yes" if spec.boot_menu else "no")
        if spec.boot_menu is not None
        else None,
        element("smbios", mode="sysinfo") if spec.arch in _PC else None,
        firmware="efi" if spec.uefi else None,
    )


def _firmware() -> Element:
    """libvirt chooses the file, of those without secure boot."""
    return element(
        "firmware",
        element("feature", enabled="no", name="enrolled-keys"),
        element("feature", enabled="no", name="secure-boot"),
    )


def _features(spec: GuestSpec) -> Element:
    pmu = None
    if spec.pmu is not None:
        pmu = element("pmu", state="on" if spec.pmu else "off")
    return element("features", element("acpi"), element("apic") if spec.arch in _PC else None, pmu)


def _clock(spec: GuestSpec) -> Element:
    timers = [element("timer", name=name, **more) for name, more in sorted(spec.timers.items())]
    return element("clock", *timers, offset=spec.clock)


def _devices(spec: GuestSpec) -> Element:
    return element(
        "devices",
        *(disk.disk(d) for d in spec.disks),
        *disk.controllers(spec.disks),
        *device.pcie_ports(spec),
        *device.usb(spec),
        *(interface(i) for i in spec.interfaces),
        device.console(spec.console_log, spec.serial),
        device.agent() if spec.agent else None,
        device.spice_agent() if spec.spice_listen and spec.spice_agent else None,
        *graphics.screen(spec),
        element("sound", model=spec.sound) if spec.sound else None,
        element("watchdog", model="i6300esb", action=spec.watchdog) if spec.watchdog else None,
        device.balloon(spec.balloon_period),
        device.rng(spec.rng) if spec.rng is not None else None,
    )
