# SPDX-License-Identifier: Apache-2.0
"""libvirt's own schema has nothing against our definitions."""

from pathlib import Path

import pytest

from tests.fixtures.libvirtd import Libvirtd

libvirt = pytest.importorskip("libvirt")

GOLDEN = Path(__file__).resolve().parents[2] / "unit" / "virt" / "libvirt" / "golden"
FOREIGN = {"arm"}  # an emulator that is not installed here


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.xml")), ids=lambda path: path.stem)
def test_definitions_are_valid(libvirtd: Libvirtd, path: Path) -> None:
    if path.stem in FOREIGN:
        pytest.skip("no emulator for its architecture")
    connection = libvirt.open(libvirtd.uri)
    try:
        domain = connection.defineXMLFlags(
            path.read_text(encoding="utf-8"), libvirt.VIR_DOMAIN_DEFINE_VALIDATE
        )
        domain.undefineFlags(0)
    finally:
        connection.close()
