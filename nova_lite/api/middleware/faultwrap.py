# SPDX-License-Identifier: Apache-2.0
"""The last resort: an exception of any layer below becomes a 500 in the usual envelope."""

import logging
import sys
from collections.abc import Callable, Iterable
from typing import Any

from nova_lite.api import faults
from nova_lite.api.dispatch import REQUEST_ID

LOG = logging.getLogger(__name__)


class FaultWrap:
    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        try:
            return self._app(environ, start_response)
        except Exception as error:
            LOG.exception("Unexpected error outside of the dispatcher")
            fault = faults.unexpected(error, environ.get(REQUEST_ID, "-"))
            headers = [
                ("Content-Type", "application/json; charset=UTF-8"),
                ("Content-Length", str(len(fault.body))),
            ]
            # Headers may have been given already, but not yet sent.
            start_response("500 Internal Server Error", headers, sys.exc_info())
            return [fault.body]


def filter_factory(global_conf: dict[str, str], **local_conf: str) -> Callable[[Any], Any]:
    return FaultWrap
