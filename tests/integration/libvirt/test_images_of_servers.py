# SPDX-License-Identifier: Apache-2.0
"""The whole service with real guests: images, backups and the shelf keep what a guest wrote."""

from tests.integration.libvirt.guests import wait_ready
from tests.integration.libvirt.real import PROJECT, Real


def test_a_server_made_of_an_image_of_a_server(real: Real) -> None:
    first = real.server()
    real.ask(first, "echo precious > /root/mine")
    image_id = real.act(first, "createImage", {"name": "mine"}).json["image_id"]
    image = real.wait_image(image_id)
    real.becomes(first, "ACTIVE")
    assert (image.disk_format, image.container_format, image.min_disk) == ("qcow2", "bare", 1)
    assert image.virtual_size == 1 << 30
    assert list((real.instances / "snapshots").iterdir()) == []

    second = real.server(image_id)
    assert "precious" in real.ask(second, "cat /root/mine")
    real.ask(first, "cat /root/mine")
    real.remove(first, second)


def test_a_server_on_the_shelf_keeps_its_disk_and_nothing_else(real: Real) -> None:
    server = real.server()
    real.ask(server, "echo precious > /root/mine")
    real.act(server, "shelve")
    real.becomes(server, "SHELVED_OFFLOADED")
    assert not (real.instances / server).exists()
    assert server not in real.libvirtd.virsh("list", "--all", "--uuid")

    real.act(server, "unshelve")
    real.becomes(server, "ACTIVE")
    assert "precious" in real.ask(server, "cat /root/mine")
    real.act(server, "reboot", {"type": "HARD"})
    real.becomes(server, "ACTIVE")
    wait_ready(real.driver, real.found(server), 2)
    assert "precious" in real.ask(server, "cat /root/mine"), "it stands on the shelf's image"
    real.remove(server)


def test_the_newest_backup_stays_and_boots(real: Real) -> None:
    server = real.server()
    made = []
    for word in ("first", "second"):
        real.ask(server, f"echo {word} > /root/mine")
        wish = {"name": "backup", "backup_type": "daily", "rotation": 1}
        made.append(real.act(server, "createBackup", wish).json["image_id"])
        real.becomes(server, "ACTIVE")
    context = real.cloud.context(PROJECT)
    kept = real.cloud.images.list(context, properties={"backup_type": "daily"})
    assert [image.id for image in kept] == made[1:]
    again = real.server(made[1])
    assert "second" in real.ask(again, "cat /root/mine")
    real.remove(server, again)


def test_a_stopped_server_gives_an_image_too(real: Real) -> None:
    server = real.server()
    real.ask(server, "echo precious > /root/mine")
    real.act(server, "os-stop")
    real.becomes(server, "SHUTOFF")
    image_id = real.act(server, "createImage", {"name": "cold"}).json["image_id"]
    real.wait_image(image_id)
    real.becomes(server, "SHUTOFF")
    again = real.server(image_id)
    assert "precious" in real.ask(again, "cat /root/mine")
    real.remove(server, again)
