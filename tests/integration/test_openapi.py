# SPDX-License-Identifier: Apache-2.0
"""Schemathesis against the served document, over HTTP: a short run of `python -m tests.fuzz`."""

from pathlib import Path

import pytest

from nova_lite.api.versions import HISTORY
from tests.fuzz.campaign import Campaign, Pass
from tests.fuzz.service import running

SEED = 20


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("backend", ["eventlet", "threading"])
def test_every_answer_is_one_that_is_documented(tmp_path: Path, backend: str) -> None:
    newest = Pass("admin", HISTORY.newest)
    older = Pass("member", 26)
    with running(tmp_path / "service.log", backend) as address:
        campaign = Campaign(address, tmp_path)
        if backend == "threading":
            campaign.run(newest, SEED, examples=10, phases="coverage,fuzzing")
        else:
            campaign.run(older, SEED, examples=10, phases="fuzzing")
    assert not campaign.failed, "the output of Schemathesis above says what was wrong"
    statuses = campaign.statuses()
    assert campaign.total() > 300 and 500 not in statuses, statuses
    assert statuses[200] > 0 and statuses[202] > 0 and statuses[400] > 0
