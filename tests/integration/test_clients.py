# SPDX-License-Identifier: Apache-2.0
"""openstackclient and openstacksdk, unchanged, against `nova-lite up`."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.process import free_port

pytestmark = pytest.mark.timeout(900)

REPOSITORY = Path(__file__).parents[2]
IMAGE_BYTES = 65536


def run(environment: dict[str, str], *words: str, timeout: float = 600) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        env=environment,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    folder = tmp_path_factory.mktemp("cloud")
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


def test_openstackclient(environment: dict[str, str]) -> None:
    out = run(
        environment, "-m", "tests.integration.osc_commands", "--aggregates", "--image", "tiny"
    )
    assert "openstackclient: all as expected" in out


def test_openstacksdk(environment: dict[str, str]) -> None:
    out = run(environment, "-m", "tests.integration.sdk_compute", "--image", "tiny")
    assert "openstacksdk: all as expected" in out


def test_a_project_by_its_name(environment: dict[str, str]) -> None:
    """The identity service of `nova-lite up` knows the one there is."""

    def limit(*words: str) -> list[int]:
        out = run(environment, "-m", "nova_lite.cli.main", "quota", *words)
        rows = json.loads(out) if out else []
        return [row["Limit"] for row in rows if row["Resource"] == "instances"]

    limit("set", "--instances", "77", "admin")
    assert limit("show", "-f", "json") == limit("show", "--project", "admin", "-f", "json") == [77]
    limit("delete", "admin")
    assert limit("show", "-f", "json") != [77]


def test_images_and_the_shelf_by_our_own_commands(environment: dict[str, str]) -> None:
    def own(*words: str) -> str:
        return run(environment, "-m", "nova_lite.cli.main", *words)

    def shown(*words: str) -> dict[str, object]:
        found: dict[str, object] = json.loads(own(*words, "-f", "json"))
        return found

    own("flavor", "create", "--ram", "64", "--vcpus", "1", "--disk", "1", "kept")
    own("server", "create", "--image", "tiny", "--flavor", "kept", "--wait", "kept")
    made = shown("server", "image", "create", "--property", "a=b", "--wait", "kept")
    assert (made["name"], made["status"], made["a"]) == ("kept", "active", "b")
    for _ in range(2):
        backup = shown("server", "backup", "create", "--name", "kept-b", "--wait", "kept")
        own("server", "show", "kept")
    assert backup["image_type"] == "backup"
    images = [i["Name"] for i in json.loads(own("image", "list", "-f", "json"))]
    assert images.count("kept-b") == 1
    none = shown("server", "backup", "create", "--rotate", "0", "kept")
    assert none["image"] is None
    own("server", "shelve", "--wait", "kept")
    assert shown("server", "show", "kept")["status"] == "SHELVED_OFFLOADED"
    own("server", "unshelve", "--no-availability-zone", "--wait", "kept")
    assert shown("server", "show", "kept")["status"] == "ACTIVE"
    own("server", "delete", "--wait", "kept")
    own("image", "delete", str(made["id"]))
    own("flavor", "delete", "kept")


def test_rescue_and_rebuild_by_our_own_commands(environment: dict[str, str]) -> None:
    def own(*words: str) -> str:
        return run(environment, "-m", "nova_lite.cli.main", *words)

    def shown(*words: str) -> dict[str, object]:
        found: dict[str, object] = json.loads(own(*words, "-f", "json"))
        return found

    own("flavor", "create", "--ram", "64", "--vcpus", "1", "--disk", "1", "mended")
    own("server", "create", "--image", "tiny", "--flavor", "mended", "--wait", "mended")
    password = own("server", "rescue", "--image", "tiny", "--wait", "mended")
    assert password.startswith("mended: ") and len(password) > len("mended: ")
    assert shown("server", "show", "mended")["status"] == "RESCUE"
    own("server", "unrescue", "--wait", "mended")
    made = shown("server", "rebuild", "--wait", "--property", "a=b", "mended")
    assert (made["status"], made["metadata"]) == ("ACTIVE", {"a": "b"})
    assert made["adminPass"]
    own("server", "stop", "--wait", "mended")
    made = shown("server", "rebuild", "--wait", "--description", "anew", "mended")
    assert (made["status"], made["description"]) == ("SHUTOFF", "anew")
    own("server", "delete", "--wait", "mended")
    own("flavor", "delete", "mended")
