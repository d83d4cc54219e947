# SPDX-License-Identifier: Apache-2.0
"""What the command line says when something goes wrong, and with which exit code.

0 done; 1 the API refused; 2 wrong usage; 3 the server ended in ERROR, or (`status`) nothing
runs; 4 no answer from the service; 5 it took longer than allowed; 6 something here is missing or
not set up.
"""


class CommandError(Exception):
    """One line for people; `exit_code` for machines."""

    exit_code = 1


class Refused(CommandError):
    """The API said no. `status` is the HTTP code."""

    def __init__(self, message: str, status: int, request_id: str | None = None) -> None:
        self.status = status
        text = f"{message} (HTTP {status}"
        super().__init__(f"{text}, request {request_id})" if request_id else f"{text})")


class SomeFailed(CommandError):
    """Of several things that a command was about; each was told of before."""


class UsageError(CommandError):
    exit_code = 2


class EndedInError(CommandError):
    exit_code = 3


class NotRunning(CommandError):
    exit_code = 3  # as of `status` of LSB's init scripts


class Unreachable(CommandError):
    exit_code = 4


class TookTooLong(CommandError):
    exit_code = 5


class SetupError(CommandError):
    exit_code = 6
