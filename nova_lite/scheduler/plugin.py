# SPDX-License-Identifier: Apache-2.0
"""What a filter is, and what a weigher is. Outside ones are subclasses of these two.

Both are made once, when the scheduler starts, and asked from many threads: they keep nothing
about a request. They do no I/O.
"""

import abc
from typing import ClassVar

from nova_lite.domain.host import HostState
from nova_lite.domain.request import Reason, RequestSpec
from nova_lite.scheduler.settings import Settings


class Filter(abc.ABC):
    """Says of a host whether it can take a server.

    name     what [filter_scheduler] enabled_filters calls it.
    cost     cheap ones run first: 0 compares a name, 10 a field or two, 20 looks something up,
             50 takes texts apart.
    forced   also asked about a host that an administrator forced.
    rebuilds also asked when a server stays on its host and gets another image.
    shared   its answer for one host may change when the server before went to another host.
    """

    name: ClassVar[str]
    cost: ClassVar[int] = 20
    forced: ClassVar[bool] = False
    rebuilds: ClassVar[bool] = False
    shared: ClassVar[bool] = False

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def needed(self, request: RequestSpec) -> bool:
        """False when every host would pass: then nobody is asked."""
        return True

    @abc.abstractmethod
    def check(self, host: HostState, request: RequestSpec) -> Reason | None:
        """None, or why not. `Reason.check` is what refusals are counted by."""


class Weigher(abc.ABC):
    """Says how good a host is, in a unit of its own; more is better.

    name            what people call it.
    option          its multiplier, in [filter_scheduler] and in the metadata of aggregates.
    default_weight  the multiplier where no option sets it; negative turns the order round.
    """

    name: ClassVar[str]
    option: ClassVar[str]
    default_weight: ClassVar[float] = 1.0

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def needed(self, request: RequestSpec) -> bool:
        """False when every host would score the same."""
        return True

    @abc.abstractmethod
    def score(self, host: HostState, request: RequestSpec) -> float: ...
