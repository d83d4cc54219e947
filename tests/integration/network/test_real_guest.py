# SPDX-License-Identifier: Apache-2.0
"""A real guest under QEMU: what it gets from the network, said by itself on its console."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.guest_image import can_be_built, guest_image
from tests.fixtures.process import find_program
from tests.fixtures.wait import wait_for
from tests.integration.network.lab import OUT, network, port

BOOT = 180.0  # seconds: without hardware virtualisation, on a busy machine
QEMU = "qemu-system-x86_64"

METADATA = """\
import http.server, json
class Tree(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        own = {'uuid': self.headers['X-Instance-ID'], 'hostname': 'from-metadata'}
        known = self.path.endswith('/meta_data.json')
        body = json.dumps(own).encode() if known else b''
        self.send_response(200 if known else 404)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers(); self.wfile.write(body)
http.server.ThreadingHTTPServer(('127.0.0.1', 8775), Tree).serve_forever()
"""
BANNER = """\
import socket, sys
s = socket.create_connection((sys.argv[1], 22), 5); s.settimeout(10); print(s.recv(64))
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (can_be_built() and find_program(QEMU)), reason="needs QEMU"),
]


def test_a_real_guest(make_host: Callable[..., Any], tmp_path: Path) -> None:
    host = make_host(metadata_host="127.0.0.1")
    real, client, shut = port(1), port(2), port(3, rules=OUT)
    host.ensure(network(ports=[real, client, shut]))
    disk, console = tmp_path / "disk", tmp_path / "console"
    create = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", str(guest_image())]
    subprocess.run([*create, str(disk), "100M"], check=True)
    tap = f"tap{real.id[:11]}"
    metadata = host.start([sys.executable, "-c", METADATA], stderr=subprocess.DEVNULL)
    # plugged in by the daemon, which sees the device
    guest = host.start(
        [
            QEMU, "-m", "128", "-display", "none", "-serial", f"file:{console}",
            "-drive", f"file={disk},if=virtio",
            "-netdev", f"tap,id=n,ifname={tap},script=no,downscript=no",
            "-device", f"virtio-net-pci,netdev=n,mac={real.mac}",
        ]
    )  # fmt: skip
    try:

        def said(text: str) -> bool:
            assert guest.poll() is None, "QEMU has ended"
            return console.exists() and text in console.read_text(errors="replace")

        wait_for(lambda: said("GUEST: ready"), BOOT, "the guest")
        words = console.read_text(errors="replace")
        assert "GUEST: dhcp eth0 10.0.0.11/24 router=10.0.0.1 mtu=1450" in words
        assert f"metadata from metadata-service: uuid={real.instance_id}" in words
        neighbour = host.guest(client)
        neighbour.take_address()
        assert "SSH-2.0" in neighbour.python(BANNER, "10.0.0.11")
        closed = port(1, rules=OUT)
        host.ensure(network(ports=[closed, client, shut]))
        with pytest.raises(AssertionError):
            neighbour.python(BANNER, "10.0.0.11")
    finally:
        for process in (guest, metadata):
            process.kill()
            process.wait()
