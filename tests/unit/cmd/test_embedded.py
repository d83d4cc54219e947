# SPDX-License-Identifier: Apache-2.0
"""What the process of `nova-lite up` is started with."""

import sys
from pathlib import Path

import pytest

from nova_lite.cmd import embedded


@pytest.mark.parametrize("port", ["0", "-1", "65536", "x"])
def test_nobody_can_be_told_of_what_is_no_port(
    port: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "cloud"
    words = ["nova-lite-embedded", "--driver", "fake", "--data", str(folder), "--port", port]
    monkeypatch.setattr(sys, "argv", words)
    # a cloud that did start would not end
    monkeypatch.setattr(embedded, "begin", lambda *_: pytest.fail("it goes on"))
    with pytest.raises(SystemExit) as ended:
        embedded.main()
    assert ended.value.code == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.endswith(f"argument --port: {port} is no port: 1 to 65535")
    assert not folder.exists()
