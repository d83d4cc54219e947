# SPDX-License-Identifier: Apache-2.0
"""From names in the configuration to filters and weighers.

Ours are known by their class name. Outside ones are found by the entry points
`nova_lite.scheduler.filters` and `nova_lite.scheduler.weighers`, or by a dotted path.
"""

import importlib
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from nova_lite.domain import errors
from nova_lite.scheduler import filters, weighers
from nova_lite.scheduler.pipeline import Pipeline
from nova_lite.scheduler.plugin import Filter, Weigher
from nova_lite.scheduler.settings import Settings, from_conf

# What stands for "all that are known", here and in configurations written for Nova.
ALL_FILTERS = ("nova_lite.scheduler.filters.all_filters", "nova.scheduler.filters.all_filters")
ALL_WEIGHERS = (
    "nova_lite.scheduler.weighers.all_weighers",
    "nova.scheduler.weights.all_weighers",
)


@dataclass(frozen=True)
class _Sort:
    """Filters, or weighers."""

    kind: Any
    ours: tuple[Any, ...]
    every: tuple[str, ...]
    group: str  # of entry points
    option: str


_FILTERS = _Sort(
    kind=Filter,
    ours=filters.CHOOSABLE,
    every=ALL_FILTERS,
    group="nova_lite.scheduler.filters",
    option="[filter_scheduler] available_filters",
)
_WEIGHERS = _Sort(
    kind=Weigher,
    ours=weighers.ALL,
    every=ALL_WEIGHERS,
    group="nova_lite.scheduler.weighers",
    option="[filter_scheduler] weight_classes",
)


def make_pipeline(conf: Any) -> Pipeline:
    """The pipeline that the configuration says. ConfigurationError for a name unknown."""
    settings = from_conf(conf)
    group = conf.filter_scheduler
    return Pipeline(
        make_filters(settings, group.available_filters, group.enabled_filters),
        make_weighers(settings, group.weight_classes),
        settings,
    )


def make_filters(settings: Settings, available: list[str], enabled: list[str]) -> list[Filter]:
    """Those that are always on, then the enabled ones, each once."""
    known = _known(available, _FILTERS)
    chosen: list[type[Filter]] = list(filters.ALWAYS)
    for name in dict.fromkeys(enabled):
        if name not in known:
            raise errors.ConfigurationError(
                option="[filter_scheduler] enabled_filters",
                reason=f"{name} is not known; there are {', '.join(sorted(known))}",
            )
        chosen.append(known[name])
    return [one(settings) for one in chosen]


def make_weighers(settings: Settings, names: list[str]) -> list[Weigher]:
    """All that are known, or those named."""
    return [one(settings) for one in _known(names, _WEIGHERS).values()]


def _known(names: list[str], sort: _Sort) -> dict[str, Any]:
    """Name -> class, of all these names stand for."""
    found: dict[str, Any] = {}
    for name in names:
        if name in sort.every:
            found.update({one.name: one for one in sort.ours})
            found.update(_of_entry_points(sort))
        else:
            one = _by_path(name, sort)
            found[one.name] = one
    return found


def _of_entry_points(sort: _Sort) -> dict[str, Any]:
    found = {}
    for point in metadata.entry_points(group=sort.group):
        try:
            loaded = point.load()
        except (ImportError, AttributeError) as error:
            raise errors.ConfigurationError(
                option=sort.option, reason=f"entry point {point.name} of {sort.group}: {error}"
            ) from error
        one = _checked(loaded, sort, point.value)
        found[one.name] = one
    return found


def _by_path(path: str, sort: _Sort) -> Any:
    """`package.module.Class`, or the class name alone of one of ours."""
    for one in sort.ours:
        if path in (one.__name__, f"{one.__module__}.{one.__name__}"):
            return _checked(one, sort, path)
    module, _, name = path.rpartition(".")
    try:
        loaded = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise errors.ConfigurationError(option=sort.option, reason=f"{path}: {error}") from error
    return _checked(loaded, sort, path)


def _checked(loaded: Any, sort: _Sort, where: str) -> Any:
    if isinstance(loaded, type) and issubclass(loaded, sort.kind):
        return loaded
    raise errors.ConfigurationError(
        option=sort.option,
        reason=f"{where} is no subclass of {sort.kind.__module__}.{sort.kind.__name__}",
    )
