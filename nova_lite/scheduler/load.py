# SPDX-License-Identifier: Apache-2.0
"""From names in the configuration to filters and weighers.

Ours are known by their class name. Outside ones are found by the entry points
`nova_lite.scheduler.filters` and `nova_lite.scheduler.weighers`, or by a dotted path.
"""

import importlib
from importlib import metadata
from typing import Any

from nova_lite.domain import errors
from nova_lite.scheduler import filters, weighers
from nova_lite.scheduler.pipeline import Pipeline
from nova_lite.scheduler.plugin import Filter, Weigher
from nova_lite.scheduler.settings import Settings, from_conf

FILTERS_GROUP = "nova_lite.scheduler.filters"
WEIGHERS_GROUP = "nova_lite.scheduler.weighers"

# What stands for "all that are known", here and in configurations written for Nova.
ALL_FILTERS = ("nova_lite.scheduler.filters.all_filters", "nova.scheduler.filters.all_filters")
ALL_WEIGHERS = (
    "nova_lite.scheduler.weighers.all_weighers",
    "nova.scheduler.weights.all_weighers",
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
    option = "[filter_scheduler] available_filters"
    known: dict[str, type[Filter]] = {}
    for name in available:
        if name in ALL_FILTERS:
            known.update({one.name: one for one in filters.CHOOSABLE})
            known.update(_of_entry_points(FILTERS_GROUP, Filter, option))
        else:
            found = _by_path(name, Filter, option)
            known[found.name] = found
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
    option = "[filter_scheduler] weight_classes"
    chosen: dict[str, type[Weigher]] = {}
    for name in names:
        if name in ALL_WEIGHERS:
            chosen.update({one.name: one for one in weighers.ALL})
            chosen.update(_of_entry_points(WEIGHERS_GROUP, Weigher, option))
        else:
            found = _by_path(name, Weigher, option)
            chosen[found.name] = found
    return [one(settings) for one in chosen.values()]


def _of_entry_points(group: str, kind: Any, option: str) -> dict[str, Any]:
    found = {}
    for point in metadata.entry_points(group=group):
        try:
            loaded = point.load()
        except (ImportError, AttributeError) as error:
            raise errors.ConfigurationError(
                option=option, reason=f"entry point {point.name} of {group}: {error}"
            ) from error
        one = _checked(loaded, kind, option, point.value)
        found[one.name] = one
    return found


def _by_path(path: str, kind: Any, option: str) -> Any:
    """`package.module.Class`, or the class name alone of one of ours."""
    ours: tuple[type, ...] = filters.CHOOSABLE if kind is Filter else weighers.ALL
    for one in ours:
        if path in (one.__name__, f"{one.__module__}.{one.__name__}"):
            return _checked(one, kind, option, path)
    module, _, name = path.rpartition(".")
    try:
        loaded = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise errors.ConfigurationError(option=option, reason=f"{path}: {error}") from error
    return _checked(loaded, kind, option, path)


def _checked(loaded: Any, kind: Any, option: str, where: str) -> Any:
    if isinstance(loaded, type) and issubclass(loaded, kind):
        return loaded
    raise errors.ConfigurationError(
        option=option,
        reason=f"{where} is no subclass of {kind.__module__}.{kind.__name__}",
    )
