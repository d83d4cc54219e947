# SPDX-License-Identifier: Apache-2.0
"""The terminal of the page for serial consoles, run by Node.js where that is installed."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nova_lite.console.kinds import OWN_PAGES

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="needs Node.js")


@pytest.fixture(autouse=True, scope="module")
def modules() -> Iterator[None]:
    """The page's files, beside a word that they are modules: Node.js 18 wants that."""
    global FOLDER
    with tempfile.TemporaryDirectory() as folder:
        FOLDER = Path(folder)
        for name in ("terminal.js", "keys.js"):
            shutil.copy(OWN_PAGES / name, FOLDER)
        (FOLDER / "package.json").write_text('{"type": "module"}')
        yield


FOLDER = Path()

RUN = """
import { Terminal } from "./terminal.js";
import { keyText } from "./keys.js";
let input = "";
for await (const part of process.stdin) input += part;
const asked = JSON.parse(input);
let answers = "";
const terminal = new Terminal(asked.columns, asked.rows, (text) => { answers += text; });
for (const part of asked.parts) terminal.write(part);
const style = terminal.cells[0][0].style;
console.log(JSON.stringify({
  text: terminal.text().split("\\n"), row: terminal.row, column: terminal.column, answers, style,
  past: terminal.past.length, gone: terminal.gone, keys: asked.keys.map(keyText),
}));
"""


def write(*parts: str, columns: int = 20, rows: int = 4, keys: Any = ()) -> dict[str, Any]:
    """The terminal after these pieces of text."""
    asked = {"parts": parts, "columns": columns, "rows": rows, "keys": list(keys)}
    done = subprocess.run(
        [NODE or "node", "--input-type=module", "-e", RUN],
        input=json.dumps(asked), cwd=FOLDER, capture_output=True, text=True, check=False,
        timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def shown(*parts: str, **more: Any) -> list[str]:
    return list(write(*parts, **more)["text"])


def test_lines_and_corrections() -> None:
    found = write("\r\nguest login: rott\b\b \b", "ot\r\nPassword: ")
    assert found["text"] == ["", "guest login: root", "Password:", ""]
    assert (found["row"], found["column"]) == (2, 10)
    assert shown("ab\b\bcd") == ["cd", "", "", ""]
    assert shown("1\t2") == ["1       2", "", "", ""]
    assert shown("old\rnew\r") == ["new", "", "", ""]


def test_the_last_column_waits_for_the_next_letter() -> None:
    assert write("x" * 20)["row"] == 0
    assert shown("x" * 20, "y") == ["x" * 20, "y", "", ""]
    assert shown("x" * 20, "\r\ny") == ["x" * 20, "y", "", ""]
    assert shown("\x1b[?7l" + "x" * 20 + "yz") == ["x" * 19 + "z", "", "", ""]


def test_what_scrolls_is_kept_for_a_while() -> None:
    found = write("\r\n".join(str(number) for number in range(10)))
    assert found["text"] == ["6", "7", "8", "9"] and found["past"] == 6
    found = write("\n" * 1500)
    assert found["past"] == 1000 and found["gone"] == 497


def test_moving_and_erasing() -> None:
    assert shown("\x1b[2;3Hx\x1b[Hy\x1b[4;20Hz") == ["y", "  x", "", " " * 19 + "z"]
    assert shown("abcdef\x1b[3D\x1b[K") == ["abc", "", "", ""]
    assert shown("abcdef\x1b[3D\x1b[1K") == ["    ef", "", "", ""]
    assert shown("a\r\nb\r\nc\x1b[2;1H\x1b[J") == ["a", "", "", ""]
    assert shown("a\r\nb\x1b[2J") == ["", "", "", ""]
    assert shown("abc\x1b[1;1H\x1b[2P") == ["c", "", "", ""]
    assert shown("abc\x1b[1;1H\x1b[2@x") == ["x abc", "", "", ""]
    assert shown("a\r\nb\r\nc\x1b[1;1H\x1b[L") == ["", "a", "b", "c"]
    assert shown("a\r\nb\r\nc\x1b[1;1H\x1b[M") == ["b", "c", "", ""]


def test_a_region_scrolls_alone() -> None:
    found = write("top\x1b[2;3r\x1b[3;1Ha\r\nb\r\nc\x1b[r\x1b[4;1Hend")
    assert found["text"] == ["top", "b", "c", "end"] and found["past"] == 0


def test_pieces_may_end_anywhere() -> None:
    text = "\x1b[1;31mred\x1b[0m\x1b]0;title\x07\x1b(B\x1b[2;2Hx"
    assert shown(*text) == shown(text) == ["red", " x", "", ""]


def test_it_answers_where_the_cursor_is() -> None:
    assert write("ab\x1b[6n")["answers"] == "\x1b[1;3R"
    assert write("\x1b[c")["answers"] == "\x1b[?1;2c"


def test_colours() -> None:
    assert write("\x1b[1;4;33;44mx")["style"] == {
        "bold": True, "underline": True, "reverse": False, "foreground": 3, "background": 4,
    }  # fmt: skip
    assert write("\x1b[38;5;200mx\x1b[m")["style"]["foreground"] is None


@pytest.mark.parametrize(
    "text", ["\x1b[999999999C", "\x1b[" + "1;" * 500 + "m", "\x1b[;;;H", "\x1b[-5A", "\x00\x7f"]
)
def test_nonsense_does_no_harm(text: str) -> None:
    assert "x" in "".join(shown(text + "x"))


def test_keys() -> None:
    def key(name: str, **more: Any) -> dict[str, Any]:
        return {"key": name, "ctrlKey": False, "altKey": False, "shiftKey": False, **more}

    keys = [
        key("a"), key("Enter"), key("Backspace"), key("ArrowUp"), key("c", ctrlKey=True),
        key("[", ctrlKey=True), key("v", ctrlKey=True), key("C", ctrlKey=True, shiftKey=True),
        key("b", altKey=True), key("@", ctrlKey=True, altKey=True), key("Shift"), key("ü"),
    ]  # fmt: skip
    assert write(keys=keys)["keys"] == [
        "a", "\r", "\x7f", "\x1b[A", "\x03", "\x1b", None, None, "\x1bb", "@", None, "ü",
    ]  # fmt: skip
