# SPDX-License-Identifier: Apache-2.0
"""Names that are made up here: uuids, request ids, reservation ids."""

import secrets
import string
import uuid

_RESERVATION_LETTERS = string.ascii_lowercase + string.digits


def new_uuid() -> str:
    """A random uuid in its canonical form."""
    return str(uuid.uuid4())


def request_id() -> str:
    """`req-<uuid>`: one for each request to the REST API and each job of a daemon."""
    return f"req-{uuid.uuid4()}"


def reservation_id() -> str:
    """`r-xxxxxxxx`: shared by the servers of one create request."""
    return "r-" + "".join(secrets.choice(_RESERVATION_LETTERS) for _ in range(8))


def is_uuid(text: object) -> bool:
    """True for a uuid in canonical or compact form, in either case."""
    if not isinstance(text, str) or len(text) not in (32, 36):
        return False
    try:
        parsed = uuid.UUID(text)
    except ValueError:
        return False
    return text.lower() in (str(parsed), parsed.hex)
