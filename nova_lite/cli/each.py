# SPDX-License-Identifier: Apache-2.0
"""Commands about several things: one that is wrong does not keep the others from being done."""

import sys
from collections.abc import Callable, Sequence
from functools import partial

from nova_lite.cli.errors import CommandError, SetupError, SomeFailed, Unreachable

# What is left to do for a thing, once all of them have been asked for: to wait for it.
Rest = Callable[[], None]


def for_each(things: str, names: Sequence[str], do: Callable[[str], Rest | None]) -> None:
    """do(name) for each name in this order, then what each of these calls has given back.

    Whoever fails is told of in a line on standard error. Raises SomeFailed at the end; the error
    itself where there is one name; Unreachable and SetupError at once, for nothing of the others
    could be done either. `things` in words, as in "servers".
    """
    rests: list[tuple[str, Rest]] = []
    failed: list[str] = []

    def attempt(name: str, call: Callable[[], Rest | None]) -> Rest | None:
        try:
            return call()
        except (SetupError, Unreachable):
            raise
        except CommandError as error:
            if len(names) == 1:
                raise
            failed.append(name)
            print(f"{name}: {error}", file=sys.stderr, flush=True)
            return None

    for name in names:
        rest = attempt(name, partial(do, name))
        if rest is not None:
            rests.append((name, rest))
    for name, rest in rests:
        attempt(name, rest)
    if failed:
        raise SomeFailed(f"{len(failed)} of {len(names)} {things} failed")
