# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from pathlib import Path

import pytest
from oslo_config import cfg

from nova_lite.base.conf import register
from nova_lite.domain import errors
from nova_lite.domain.host import HostState
from nova_lite.domain.request import Reason, RequestSpec
from nova_lite.scheduler import filters, weighers
from nova_lite.scheduler.load import ALL_FILTERS, make_filters, make_pipeline, make_weighers
from nova_lite.scheduler.plugin import Filter, Weigher
from nova_lite.scheduler.settings import MULTIPLIERS, Settings, from_conf


class OddHostsFilter(Filter):
    """An outside filter."""

    name = "OddHostsFilter"

    def check(self, host: HostState, request: RequestSpec) -> Reason | None:
        return None if int(host.host[1:]) % 2 else Reason(check=self.name, text="even")


class LastHostWeigher(Weigher):
    """An outside weigher."""

    name = "LastHostWeigher"
    option = "last_host_weight_multiplier"

    def score(self, host: HostState, request: RequestSpec) -> float:
        return int(host.host[1:])


HERE = __name__


@pytest.fixture
def conf() -> cfg.ConfigOpts:
    made = cfg.ConfigOpts()
    register(made)
    made([])
    return made


def names(made: list[Filter] | list[Weigher]) -> list[str]:
    return [one.name for one in made]


def test_the_defaults(conf: cfg.ConfigOpts) -> None:
    group = conf.filter_scheduler
    made = make_filters(from_conf(conf), group.available_filters, group.enabled_filters)
    assert names(made) == [
        *(one.name for one in filters.ALWAYS),
        "ComputeFilter",
        "AvailabilityZoneFilter",
        "ComputeCapabilitiesFilter",
        "ImagePropertiesFilter",
        "ServerGroupAntiAffinityFilter",
        "ServerGroupAffinityFilter",
    ]
    assert names(make_weighers(from_conf(conf), group.weight_classes)) == [
        one.name for one in weighers.ALL
    ]
    make_pipeline(conf)


def test_the_options_have_the_defaults_of_the_weighers(conf: cfg.ConfigOpts) -> None:
    multipliers = from_conf(conf).multipliers
    assert {one.option: one.default_weight for one in weighers.ALL} == multipliers
    assert set(multipliers) == set(MULTIPLIERS)


def test_the_options_have_the_defaults_of_the_settings(conf: cfg.ConfigOpts) -> None:
    plain = Settings(multipliers=from_conf(conf).multipliers)
    assert from_conf(conf) == plain


def test_an_unknown_filter_is_named_with_what_there_is() -> None:
    with pytest.raises(errors.ConfigurationError, match="PciPassthroughFilter is not known") as e:
        make_filters(Settings(), [ALL_FILTERS[0]], ["ComputeFilter", "PciPassthroughFilter"])
    assert "enabled_filters" in e.value.message and "IoOpsFilter" in e.value.message


def test_the_words_of_nova_for_all_filters_are_understood() -> None:
    for word in ALL_FILTERS:
        assert "IoOpsFilter" in names(make_filters(Settings(), [word], ["IoOpsFilter"]))
    assert len(make_weighers(Settings(), ["nova.scheduler.weights.all_weighers"])) == 8


def test_outside_ones_by_dotted_path() -> None:
    made = make_filters(Settings(), [ALL_FILTERS[0], f"{HERE}.OddHostsFilter"], ["OddHostsFilter"])
    assert names(made)[-1] == "OddHostsFilter"
    path = "nova_lite.scheduler.weighers.ram.RAMWeigher"
    assert names(make_weighers(Settings(), [path, f"{HERE}.LastHostWeigher", path])) == [
        "RAMWeigher",
        "LastHostWeigher",
    ]


@pytest.mark.parametrize(
    "path", ["no.such.module.Thing", "nova_lite.scheduler.filters.Nothing", "x", "os.path.join"]
)
def test_a_wrong_path_says_so(path: str) -> None:
    with pytest.raises(errors.ConfigurationError, match="available_filters"):
        make_filters(Settings(), [path], [])
    with pytest.raises(errors.ConfigurationError, match="weight_classes"):
        make_weighers(Settings(), [path])


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A distribution that offers a filter and a weigher."""
    info = tmp_path / "more_filters-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: more-filters\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[nova_lite.scheduler.filters]\nlate = more_filters:LateFilter\n"
        "[nova_lite.scheduler.weighers]\nmore = more_filters:MoreWeigher\n"
    )
    (tmp_path / "more_filters.py").write_text(
        "from nova_lite.scheduler.plugin import Filter, Weigher\n"
        "class LateFilter(Filter):\n"
        "    name = 'LateFilter'\n"
        "    def check(self, host, request): return None\n"
        "class MoreWeigher(Weigher):\n"
        "    name = 'MoreWeigher'\n"
        "    option = 'more_weight_multiplier'\n"
        "    def score(self, host, request): return 0\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "LateFilter"


def test_outside_ones_by_entry_point(installed: str) -> None:
    assert installed in names(make_filters(Settings(), [ALL_FILTERS[0]], [installed]))
    assert "MoreWeigher" in names(
        make_weighers(Settings(), ["nova.scheduler.weights.all_weighers"])
    )
