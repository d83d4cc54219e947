# SPDX-License-Identifier: Apache-2.0
"""openstackclient, openstacksdk and our command line, unchanged, against the built-in network of
`nova-lite up` (guests are faked, so no host makes anything of it)."""

import os
from collections.abc import Iterator

import pytest

from tests.fixtures.process import free_port
from tests.integration.test_clients import IMAGE_BYTES, run

pytestmark = pytest.mark.timeout(1800)

OPTIONS = "[network]\nbackend = local\nwait_for_host = false\n"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    folder = tmp_path_factory.mktemp("cloud")
    (folder / "etc").mkdir()
    (folder / "etc" / "local.conf").write_text(OPTIONS)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    made = {
        **kept,
        "NOVA_LITE_HOME": str(folder),
        "OS_CLIENT_CONFIG_FILE": str(folder / "clouds.yaml"),
        "OS_CLOUD": "nova-lite",
    }
    command = ("-m", "nova_lite.cli.main")
    image = folder / "image.raw"
    image.write_bytes(bytes(IMAGE_BYTES))
    run(made, *command, "up", "--driver", "fake", "--port", str(free_port()), "--timeout", "120")
    try:
        run(made, *command, "image", "create", "--disk-format", "raw", "--file", str(image), "tiny")
        yield made
    finally:
        run(made, *command, "down")


@pytest.mark.parametrize(
    ("module", "client"),
    [
        ("osc_network_commands", "openstackclient"),
        ("sdk_network", "openstacksdk"),
        ("cli_network_commands", "nova-lite"),
    ],
)
def test_commands(environment: dict[str, str], module: str, client: str) -> None:
    out = run(environment, "-m", f"tests.integration.{module}", "--image", "tiny", timeout=1500)
    assert f"{client}: all as expected" in out
