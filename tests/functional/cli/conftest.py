# SPDX-License-Identifier: Apache-2.0
import contextlib
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from nova_lite.api.serve import HttpServer
from nova_lite.cli.main import main
from tests.fixtures.cloud import Cloud
from tests.fixtures.settings import make_conf

LARGEST_IMAGE = 1 << 20


class Done(NamedTuple):
    """What a command did. `lines` are those on standard error."""

    code: int
    out: str
    lines: list[str]


class Commands:
    """`nova-lite ...` of an administrator, in this process, over HTTP."""

    def __init__(self, cloud: Cloud, url: str) -> None:
        self.cloud = cloud
        self.url = url

    def run(self, *words: str) -> Done:
        out, err = io.StringIO(), io.StringIO()
        root, services = logging.getLogger(), logging.getLogger("nova_lite")
        before, services.propagate = root.handlers[:], False
        root.handlers.clear()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = main(list(words))
            except SystemExit as end:  # argparse
                code = int(end.code or 0)
            finally:
                root.handlers[:], services.propagate = before, True
        return Done(code, out.getvalue(), err.getvalue().splitlines())

    def ok(self, *words: str) -> str:
        done = self.run(*words)
        assert done.code == 0, f"nova-lite {' '.join(words)}: {done}"
        return done.out

    def json(self, *words: str) -> Any:
        return json.loads(self.ok(*words, "-f", "json"))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """A cloud with the built-in network and a store of images; one host with faked guests."""
    images = tmp_path_factory.mktemp("images")
    cloud = Cloud(
        network__backend="local",
        network__wait_for_host=False,
        serial_console__enabled=True,
        image__backend="local",
        image__local_path=str(images),
        image__local_max_size=LARGEST_IMAGE,
    )
    listen = {"osapi_compute_listen": "127.0.0.1", "osapi_compute_listen_port": 0}
    server = HttpServer(make_conf(**listen), cloud.api)
    try:
        server.start()
        assert server.address is not None
        yield Commands(cloud, "http://{}:{}".format(*server.address))
    finally:
        server.stop()
        server.wait(10)
        cloud.stop()


@pytest.fixture
def commands(served: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Commands:
    """With a home that is empty but for a clouds.yaml."""
    cloud = {
        "auth_type": "admin_token",
        "auth": {"endpoint": f"{served.url}/v2.1", "token": "admin:admin"},
        "image_endpoint_override": f"{served.url}/image",
        "network_endpoint_override": f"{served.url}/network",
    }
    (tmp_path / "clouds.yaml").write_text(json.dumps({"clouds": {"nova-lite": cloud}}))
    for name in ("OS_CLOUD", "OS_CLIENT_CONFIG_FILE", "OS_AUTH_URL", "OS_AUTH_TYPE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NOVA_LITE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    return served
