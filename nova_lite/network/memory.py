# SPDX-License-Identifier: Apache-2.0
"""What the daemon has to remember between runs: small files in one folder.

known.json     the last word of the conductor, so that repairs need nobody else
numbers.json   the numbers of networks and ports
rules.json     what was loaded into the kernel and how the kernel shows it
ID/            one folder for each network: dnsmasq's files, pids
"""

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from nova_lite.base import files
from nova_lite.domain.network import HostNetworks
from nova_lite.network.plan import Numbers

# Folders with nothing but a network's files are removed; the mark tells that they are ours.
MARK: Final = "network"


class Memory:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def prepare(self) -> None:
        """Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        # dnsmasq may run as another user; nothing here is secret
        self.folder.chmod(0o755)

    # --- the conductor's last word ------------------------------------------------------------

    def known(self) -> HostNetworks | None:
        """None when there is none that can be read."""
        try:
            return msgspec.json.decode((self.folder / "known.json").read_bytes(), type=HostNetworks)
        except (OSError, msgspec.DecodeError):
            return None

    def keep_known(self, networks: HostNetworks) -> None:
        self._write("known.json", msgspec.json.encode(networks).decode())

    # --- numbers ------------------------------------------------------------------------------

    def numbers(self, networks: HostNetworks, most_networks: int, most_ports: int) -> Numbers:
        """Those that are known already, and free ones for what is new."""
        stored = self._read("numbers.json")
        ids = [entry.network.id for entry in networks.networks]
        ports = [port.id for entry in networks.networks for port in entry.ports]
        # zone 0 is everybody's
        numbers = Numbers(
            networks=assign(stored.get("networks", {}), ids, min(most_networks, 65535)),
            ports=assign(stored.get("ports", {}), ports, most_ports),
        )
        new = {"networks": dict(numbers.networks), "ports": dict(numbers.ports)}
        if new != stored:
            self._write("numbers.json", json.dumps(new, indent=1, sort_keys=True) + "\n")
        return numbers

    # --- rules --------------------------------------------------------------------------------

    def rules_are(self, place: str, wanted: str, shown: str) -> bool:
        """Whether these rules were loaded, and the kernel shows what it showed then."""
        kept = self._read("rules.json").get(place, {})
        return bool(shown) and kept == {"wanted": _digest(wanted), "shown": _digest(shown)}

    def keep_rules(self, place: str, wanted: str, shown: str) -> None:
        kept = self._read("rules.json")
        kept[place] = {"wanted": _digest(wanted), "shown": _digest(shown)}
        self._write("rules.json", json.dumps(kept, indent=1, sort_keys=True) + "\n")

    def forget_rules(self, place: str) -> None:
        kept = self._read("rules.json")
        if kept.pop(place, None) is not None:
            self._write("rules.json", json.dumps(kept, indent=1, sort_keys=True) + "\n")

    # --- networks -----------------------------------------------------------------------------

    def network_folder(self, network_id: str) -> Path:
        return self.folder / network_id

    def make_network_folder(self, network_id: str) -> Path:
        folder = self.network_folder(network_id)
        if not (folder / MARK).exists():
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755)
            files.write_whole(folder / MARK, network_id + "\n")
        return folder

    def network_ids(self) -> list[str]:
        """The networks that have something here."""
        return sorted(path.parent.name for path in self.folder.glob(f"*/{MARK}"))

    def forget_network(self, network_id: str) -> None:
        shutil.rmtree(self.network_folder(network_id), ignore_errors=True)
        self.forget_rules(network_id)

    def forget_everything(self) -> None:
        """After a removal: nothing stays."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def note(self, name: str, value: Mapping[str, Any] | None) -> None:
        """Keep a small thing under a name; None: no longer."""
        path = self.folder / f"{name}.json"
        if value is None:
            path.unlink(missing_ok=True)
        else:
            self._write(path.name, json.dumps(dict(value)) + "\n")

    def noted(self, name: str) -> dict[str, Any]:
        return self._read(f"{name}.json")

    def _read(self, name: str) -> dict[str, Any]:
        try:
            value = json.loads((self.folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return value if isinstance(value, dict) else {}

    def _write(self, name: str, text: str) -> None:
        files.write_whole(self.folder / name, text, mode=0o600)


def assign(stored: Mapping[str, int], ids: Iterable[str], most: int) -> dict[str, int]:
    """A number from 1 to `most` for each id: its own where it has one, else the lowest free.
    Raises LookupError when there are none left."""
    wanted = sorted(set(ids))
    kept = {key: stored[key] for key in wanted if 1 <= stored.get(key, 0) <= most}
    if len(set(kept.values())) != len(kept):
        kept = {}
    taken = set(kept.values())
    free = (number for number in range(1, most + 1) if number not in taken)
    for key in wanted:
        if key not in kept:
            number = next(free, None)
            if number is None:
                raise LookupError(f"no more than {most} are possible on this host")
            kept[key] = number
    return kept


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
