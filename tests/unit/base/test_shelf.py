# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import msgspec
import pytest

from nova_lite.base import concurrency
from nova_lite.base.shelf import Shelf


class Thing(msgspec.Struct, frozen=True):
    number: int


@pytest.fixture(params=["memory", "folder"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf[Thing]:
    return Shelf(Thing, tmp_path / "a" / "b" if request.param == "folder" else None)


def test_put_get_remove(shelf: Shelf[Thing]) -> None:
    assert shelf.get("a") is None
    shelf.put("b", Thing(2))
    shelf.put("a", Thing(1))
    shelf.put("a", Thing(3))
    assert shelf.get("a") == Thing(3)
    assert list(shelf.items()) == [("a", Thing(3)), ("b", Thing(2))]
    assert shelf.remove("a")
    assert not shelf.remove("a")
    assert shelf.names() == ["b"]


def test_a_name_is_given_once(shelf: Shelf[Thing]) -> None:
    tasks = [concurrency.spawn(shelf.add, "a", Thing(n)) for n in range(8)]
    won = [task.wait(10) for task in tasks]
    assert won.count(True) == 1
    assert shelf.get("a") == Thing(won.index(True))


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "..", "a b", "ä"])
def test_names_cannot_lead_elsewhere(shelf: Shelf[Thing], name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        shelf.put(name, Thing(1))
    with pytest.raises(ValueError, match="name"):
        shelf.get(name)


def test_a_folder_outlives_its_shelf_and_ignores_what_was_half_written(tmp_path: Path) -> None:
    Shelf(Thing, tmp_path).put("a", Thing(1))
    (tmp_path / ".b.1.2").write_text("{")
    assert list(Shelf(Thing, tmp_path).items()) == [("a", Thing(1))]
    assert [p.name for p in tmp_path.iterdir() if not p.name.startswith(".b")] == ["a"]
