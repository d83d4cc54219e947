# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from tests.functional.api.image.lab import Images, build


@pytest.fixture
def images(tmp_path: Path) -> Images:
    return build(tmp_path)
