# SPDX-License-Identifier: Apache-2.0
"""From configuration to what the modules of this driver are told. Wrong values are named."""

import logging
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from oslo_config import cfg

from nova_lite.base.conf import version
from nova_lite.base.conf.serial_console import bounds
from nova_lite.base.process import environment
from nova_lite.domain.errors import ConfigurationError
from nova_lite.virt import qemu_img
from nova_lite.virt.libvirt.disk import access
from nova_lite.virt.libvirt.spec import HostOptions
from nova_lite.virt.libvirt.xml.capabilities import EmulatorFacts, HostFacts, supported

LOG = logging.getLogger(__name__)

DEFAULT_URI = "qemu:///system"
CACHE_MODES = ("default", "none", "writethrough", "writeback", "directsync", "unsafe")
KVM_DEVICE = Path("/dev/kvm")
CPUINFO = Path("/proc/cpuinfo")


def uri(conf: cfg.ConfigOpts) -> str:
    """Where libvirt is."""
    return conf.libvirt.connection_uri or DEFAULT_URI


def is_session(place: str) -> bool:
    """Whether this is a user's own libvirt, which has no control groups."""
    return place.partition("?")[0].endswith("/session")


def check_programs() -> None:
    """Raises ConfigurationError."""
    if shutil.which(qemu_img.PROGRAM, path=environment()["PATH"]) is None:
        raise ConfigurationError(option="[DEFAULT] compute_driver", reason=qemu_img.ADVICE)


def prepare_folder(path: Path) -> None:
    """Make `instances_path`; ConfigurationError where it cannot be written."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        reason = f"{path} cannot be written: {error.strerror}"
        raise ConfigurationError(option="[DEFAULT] instances_path", reason=reason) from error


def emulator_user(conf: cfg.ConfigOpts, host: HostFacts) -> int | None:
    """Who guests' processes run as; None where nobody says."""
    if host.emulator is None and is_session(uri(conf)):
        return os.geteuid()
    return host.emulator


def closed_folder(path: Path, user: int) -> Path | None:
    """The first folder on the way to `path` that this user may not pass through."""
    for folder in reversed([path, *path.parents]):
        if not access.may_enter(folder, user):
            return folder
    return None


def warn_if_closed(path: Path, emulator: int | None) -> None:
    """The emulator of a system's libvirt is usually another user than this service."""
    closed = closed_folder(path, emulator) if emulator is not None else None
    if closed is not None:
        LOG.warning(
            "The user %d, as which libvirt runs QEMU, may not enter %s: guests will not start "
            "from %s",
            *(emulator, closed, path),
        )


def close_folders(folders: Iterable[Path], emulator: int | None) -> None:
    """Make them, for this service and the emulator alone."""
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            closed = access.close(folder, emulator)
        except OSError as error:
            LOG.warning("Others may get into %s: %s", folder, error.strerror)
            continue
        if not closed:
            LOG.warning(
                "Who knows the name of a file in %s may read it: %s",
                folder,
                "libvirt does not say which user runs QEMU"
                if emulator is None
                else "its file system has no access control lists",
            )


def check_host(virt_type: str, host: HostFacts) -> None:
    """Raise ConfigurationError where guests of this type are plainly not to be had.

    libvirt offers kvm as soon as /dev/kvm is there, also where the CPU cannot do it: guests
    then start, and never run.
    """
    reason = None
    if virt_type == "kvm":
        cpuinfo = CPUINFO.read_text(encoding="utf-8", errors="replace")
        reason = kvm_objection(host.arch, cpuinfo, KVM_DEVICE.exists())
    if reason is None and not supported(host, virt_type):
        reason = (
            f"libvirt has no {virt_type} for {host.arch} (Debian: apt-get install "
            "qemu-system-x86, then restart libvirtd)"
        )
    if reason is not None:
        raise ConfigurationError(option="[libvirt] virt_type", reason=reason)


def kvm_objection(arch: str, cpuinfo: str, has_device: bool) -> str | None:
    """Why kvm cannot be used, as far as can be told without trying, or None."""
    flags = {
        word for line in cpuinfo.splitlines() if line.startswith("flags") for word in line.split()
    }
    if not has_device:
        reason = f"there is no {KVM_DEVICE}"
    elif arch in ("x86_64", "i686") and not {"vmx", "svm"} & flags:
        reason = "the CPU has neither vmx nor svm"
    else:
        return None
    return f"kvm cannot be used on this host, {reason}; set virt_type = qemu"


def host_options(
    conf: cfg.ConfigOpts, host: str, facts: HostFacts, emulator: EmulatorFacts
) -> HostOptions:
    """What definitions of guests are made with. Raises ConfigurationError."""
    options, serial = conf.libvirt, conf.serial_console
    mode, model = _cpu(conf, emulator)
    return HostOptions(
        host=host,
        virt_type=options.virt_type,
        arch=facts.arch,
        version=version(),
        cpu_mode=mode,
        cpu_model=model,
        cpu_features=_features(options.cpu_model_extra_flags),
        machines=machines(options.hw_machine_type or [], facts.arch),
        pcie_ports=options.num_pcie_ports,
        cache=cache_mode(options.disk_cachemodes, Path(conf.instances_path)),
        vnc_listen=conf.vnc.server_listen if conf.vnc.enabled else None,
        spice_listen=conf.spice.server_listen if conf.spice.enabled else None,
        spice_agent=conf.spice.agent_enabled,
        serial_listen=serial.proxyclient_address if serial.enabled else None,
        serial_ports=bounds(serial.port_range),
        pointer=conf.pointer_model or "",
        rng_device=options.rng_dev_path,
        firmwares=emulator.firmwares,
        balloon_period=options.mem_stats_period_seconds,
    )


def console_hosts(conf: cfg.ConfigOpts) -> dict[str, str]:
    """Where console proxies reach this host, by protocol."""
    return {
        "vnc": conf.vnc.server_proxyclient_address,
        "spice": conf.spice.server_proxyclient_address,
        "serial": conf.serial_console.proxyclient_address,
    }


def _cpu(conf: cfg.ConfigOpts, emulator: EmulatorFacts) -> tuple[str | None, str | None]:
    mode, models = conf.libvirt.cpu_mode, conf.libvirt.cpu_models
    if mode not in (None, "none") and mode not in emulator.cpu_modes:
        usable = ", ".join([*emulator.cpu_modes, "none"])
        reason = f"{mode} cannot be had with virt_type {conf.libvirt.virt_type}, only {usable}"
        raise ConfigurationError(option="[libvirt] cpu_mode", reason=reason)
    if mode != "custom":
        return mode, None
    if not models:
        reason = "cpu_mode custom needs the name of a model"
        raise ConfigurationError(option="[libvirt] cpu_models", reason=reason)
    for model in models:
        if model in emulator.cpu_models:
            return mode, str(model)
    reason = f"the hypervisor has none of {', '.join(models)}"
    raise ConfigurationError(option="[libvirt] cpu_models", reason=reason)


def _features(flags: list[str]) -> dict[str, str]:
    return {
        flag.lstrip("+-").lower(): "disable" if flag.startswith("-") else "require"
        for flag in flags
    }


def machines(values: list[str], arch: str) -> dict[str, str]:
    """`arch=machine` words, or one machine for this architecture."""
    found = {}
    for value in values:
        name, equals, machine = value.partition("=")
        found[name if equals else arch] = machine if equals else name
    return found


def cache_mode(values: list[str], folder: Path) -> str:
    """How disk files are opened: as `file=MODE` says, else past the host's cache where the
    file system can do that. Raises ConfigurationError."""
    for value in values:
        kind, _, mode = value.partition("=")
        if mode not in CACHE_MODES:
            reason = f"{value!r} is not KIND=MODE with a mode of {', '.join(CACHE_MODES)}"
            raise ConfigurationError(option="[libvirt] disk_cachemodes", reason=reason)
        if kind == "file":
            return mode
    return "none" if _has_direct_io(folder) else "writeback"


def _has_direct_io(folder: Path) -> bool:
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".direct-io-") as file:
        try:
            os.close(os.open(file.name, os.O_RDWR | os.O_DIRECT))
        except OSError:
            return False
    return True


def overlays(conf: cfg.ConfigOpts) -> bool:
    """Whether root disks are overlays on the cached image, and not copies of it."""
    images_type = conf.libvirt.images_type
    if images_type == "default":
        return bool(conf.use_cow_images)
    return bool(images_type == "qcow2")


def node_name(host: str, libvirt_name: str, machine_name: str) -> str:
    """The node's name: libvirt's, unless the service was given a name of its own (then several
    may share one libvirt)."""
    usual = {libvirt_name, libvirt_name.split(".")[0], machine_name, machine_name.split(".")[0]}
    return libvirt_name if host in usual else host
