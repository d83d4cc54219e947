# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from nova_lite.backends import load
from nova_lite.backends.network.user import UserNetwork
from nova_lite.backends.volume.none import NoVolumes
from nova_lite.domain import errors
from tests.fixtures.settings import make_conf


def test_an_option_names_a_back_end() -> None:
    assert isinstance(load.load_network(make_conf(network__backend="user")), UserNetwork)
    assert isinstance(load.load_volume(make_conf()), NoVolumes)


@pytest.mark.parametrize("kind", ["image", "network", "volume"])
def test_a_wrong_name_is_told_with_what_there_is(kind: str) -> None:
    with pytest.raises(errors.ConfigurationError) as refused:
        getattr(load, f"load_{kind}")(make_conf(**{f"{kind}__backend": "nonsense"}))
    assert f"[{kind}] backend: nonsense is not known" in refused.value.message
    assert "fake" in refused.value.message


def test_one_that_cannot_be_imported_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "broken-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[nova_lite.volume.backends]\nbroken = nowhere:X\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(errors.ConfigurationError, match="cannot be loaded: No module named"):
        load.load_volume(make_conf(volume__backend="broken"))
