# SPDX-License-Identifier: Apache-2.0
"""The data folder of embedded mode: configuration, users, databases, images, guests, logs.

Written with the standard library and bcrypt only, because it is made before the configuration
is read. What is generated is generated again at each start; an operator's own options go into
etc/local.conf, which is read after ours and wins.
"""

import grp
import json
import os
import secrets
import shutil
import socket
import stat
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import bcrypt

SYSTEM_LIBVIRT: Final = Path("/run/libvirt/libvirt-sock")
USER: Final = "admin"
CLOUD: Final = "nova-lite"
REGION: Final = "RegionOne"

SYSTEM_FOLDERS: Final = ("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin")
# What makes a CD, in the order in which it is looked for.
ISO_PROGRAMS: Final = ("genisoimage", "xorrisofs", "mkisofs")

# Folder -> mode. Guests' disks must be in reach of the user that QEMU runs as.
_FOLDERS: Final = {
    "etc": 0o700,
    "log": 0o700,
    "run": 0o700,
    "db": 0o700,
    "images": 0o700,
    "instances": 0o711,
}

_OWN: Final = """\
# Your own options for embedded mode: they win over nova.conf beside this file.
"""


class Folder:
    """Paths, and the files in them. Everything but the disks is for the owner alone."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.etc = root / "etc"
        self.config = self.etc / "nova.conf"
        self.own_config = self.etc / "local.conf"
        self.clouds = root / "clouds.yaml"
        self.warning = root / "run" / "warning"
        self._passwords = self.etc / "htpasswd"
        self._identities = self.etc / "users.yaml"

    def prepare(self, *, driver: str, listen: str, port: int, network: str = "user") -> None:
        """Make what is missing, and write what is generated. `network`: who connects guests."""
        self.root.mkdir(parents=True, exist_ok=True)
        # The user that QEMU runs as has to get through to the disks, and nowhere else.
        self.root.chmod(0o711)
        for name, mode in _FOLDERS.items():
            (self.root / name).mkdir(mode=0o700, exist_ok=True)
            (self.root / name).chmod(mode)
        self._user()
        self._write(self.config, self._options(driver, listen, port, network))
        if not self.own_config.exists():
            self._write(self.own_config, _OWN)

    def has_guests(self) -> bool:
        """Whether there are disks of servers, which only a real driver makes."""
        return any((self.root / "instances").glob("*/disk.info"))

    def write_clouds(self, *, listen: str, port: int, network: str) -> None:
        """What clients read. `network`: the back end that an operator may have chosen anew."""
        clouds = self._clouds(self._secret("password"), listen, port)
        if network == "local":
            clouds |= _networking(clouds["compute_endpoint_override"].removesuffix("/v2.1"))
        self._write(self.clouds, json.dumps({"clouds": {CLOUD: clouds}}, indent=1) + "\n")

    def warn(self, text: str | None) -> None:
        """Leave a warning where `nova-lite up` shows it; None takes it away."""
        if text is None:
            self.warning.unlink(missing_ok=True)
        else:
            self._write(self.warning, text + "\n")

    def _user(self) -> None:
        """The one user, made at the first start and kept in files."""
        if not (self.etc / "password").exists():
            # a fresh hash goes with a fresh password only
            self._passwords.unlink(missing_ok=True)
        password = self._secret("password")
        if not self._passwords.exists():
            digest = bcrypt.hashpw(password.encode(), bcrypt.gensalt(rounds=10)).decode()
            self._write(self._passwords, f"{USER}:{digest}\n")
        if not self._identities.exists():
            project = {"project_id": uuid.uuid4().hex, "project_name": USER, "roles": [USER]}
            # JSON is YAML
            self._write(self._identities, json.dumps({USER: project}, indent=1) + "\n")

    def _secret(self, name: str) -> str:
        """Something nobody else knows, made at the first start and kept in a file."""
        path = self.etc / name
        if not path.exists():
            self._write(path, secrets.token_urlsafe(18))
        return path.read_text()

    def _port(self, name: str, first: int = 0) -> int:
        """A port on loopback that is free: the same as the last time, if it still is. `first`:
        the one to try when there was none."""
        path = self.etc / name
        wanted = int(path.read_text()) if path.exists() else first
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", wanted))
            except OSError:
                probe.bind(("127.0.0.1", 0))
            found = int(probe.getsockname()[1])
        self._write(path, str(found))
        return found

    def _options(self, driver: str, listen: str, port: int, network: str) -> str:
        root, database = self.root, f"sqlite:///{self.root}/db"
        libvirt = "\n[libvirt]\n" + "".join(f"{k} = {v}\n" for k, v in _libvirt().items())
        return f"""\
# Written by `nova-lite up` at each start; your own options go into local.conf.
[DEFAULT]
transport_url = memory://
state_path = {root}
instances_path = {root}/instances
my_ip = 127.0.0.1
compute_driver = {driver}
osapi_compute_listen = {listen}
osapi_compute_listen_port = {port}
metadata_listen = 127.0.0.1
metadata_listen_port = {(metadata := self._port("metadata-port"))}
periodic_fuzzy_delay = 5
resume_guests_state_on_host_boot = true
{config_drives(program_folders())}
[api]
auth_strategy = http_basic
http_basic_auth_user_file = {self._passwords}
http_basic_identity_file = {self._identities}

[api_database]
connection = {database}/api.sqlite

[database]
connection = {database}/cell1.sqlite

[image]
backend = local
local_path = {root}/images

[network]
backend = {network}
project_networks = true
wait_for_host = {str(driver.startswith("libvirt")).lower()}
metadata_host = 127.0.0.1
metadata_port = {metadata}

[neutron]
metadata_proxy_shared_secret = {self._secret("metadata-secret")}

[fake]
state_path = {root}/fake
{self._consoles(listen)}{libvirt if driver.startswith("libvirt") else ""}"""

    def _consoles(self, listen: str) -> str:
        """Where the console proxies of this process are."""
        host = reachable(listen)
        screens, serials = self._port("novnc-port", 6080), self._port("serial-port", 6083)
        spice = self._port("spice-port", 6082)
        return f"""
[vnc]
novncproxy_host = {listen}
novncproxy_port = {screens}
novncproxy_base_url = http://{host}:{screens}/vnc_auto.html

[serial_console]
enabled = true
serialproxy_host = {listen}
serialproxy_port = {serials}
base_url = ws://{host}:{serials}/

[spice]
html5proxy_host = {listen}
html5proxy_port = {spice}
html5proxy_base_url = http://{host}:{spice}/spice_auto.html
"""

    def _clouds(self, password: str, listen: str, port: int) -> dict[str, Any]:
        url = f"http://{reachable(listen)}:{port}"
        identity = json.loads(self._identities.read_text()).get(USER, {})
        return {
            "auth_type": "http_basic",
            "auth": {"username": USER, "password": password},
            "region_name": REGION,
            "compute_endpoint_override": f"{url}/v2.1",
            "compute_api_version": "2",
            "image_endpoint_override": f"{url}/image",
            "image_api_version": "2",
            "identity_endpoint_override": f"{url}/identity/v3",
            "identity_api_version": "3",
            "block_storage_endpoint_override": f"{url}/volume/v3",
            "volume_endpoint_override": f"{url}/volume/v3",
            "volume_api_version": "3",
            "has_network": False,
            # http_basic takes no project: this one is for our own command line
            "nova_lite_project_id": identity.get("project_id"),
        }

    @staticmethod
    def _write(path: Path, text: str) -> None:
        """Whole or not at all, for the owner alone."""
        part = path.with_name(path.name + ".part")
        part.touch(mode=0o600, exist_ok=True)
        part.write_text(text)
        part.replace(path)


def reachable(listen: str) -> str:
    """The address to find on this machine what listens there."""
    return "127.0.0.1" if listen in ("0.0.0.0", "::") else listen


def _networking(url: str) -> dict[str, Any]:
    """How clients find the built-in network."""
    return {
        "has_network": True,
        "network_endpoint_override": f"{url}/network",
        "network_api_version": "2",
    }


def program_folders() -> list[str]:
    """Where the services look for programs."""
    return [*os.environ.get("PATH", "").split(os.pathsep), *SYSTEM_FOLDERS]


def config_drives(folders: Sequence[str]) -> str:
    """How config drives are made with what is in these folders; '' for the defaults, also where
    there is nothing, as `nova-lite doctor` tells."""

    def has(program: str) -> bool:
        return shutil.which(program, path=os.pathsep.join(folders)) is not None

    for program in ISO_PROGRAMS:
        if has(program):
            return f"mkisofs_cmd = {program}\n" if program != ISO_PROGRAMS[0] else ""
    return "config_drive_format = vfat\n" if has("mkfs.vfat") and has("mcopy") else ""


def _libvirt() -> dict[str, str]:
    """QEMU without KVM where the processor cannot virtualise; the session daemon for those who
    may not use the system's. Root has no session of its own."""
    flags = set(Path("/proc/cpuinfo").read_text().split())
    options = {"virt_type": "kvm" if flags & {"vmx", "svm"} else "qemu"}
    if os.geteuid() != 0 and not system_libvirt():
        options["connection_uri"] = "qemu:///session"
    return options


def system_libvirt(place: Path = SYSTEM_LIBVIRT) -> bool:
    """Whether this user may use the system's libvirt daemon. Where its socket is open to
    everybody, polkit decides, which lets the group libvirt in."""
    if not os.access(place, os.W_OK):
        return False
    if os.geteuid() == 0:
        return True
    if place.stat().st_mode & stat.S_IWOTH and not _is_in("libvirt"):
        return False
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(place))
        except OSError:
            return False  # left behind by one that is gone
    return True


def _is_in(group: str) -> bool:
    try:
        return grp.getgrnam(group).gr_gid in (os.getegid(), *os.getgroups())
    except KeyError:
        return False
