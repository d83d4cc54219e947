# SPDX-License-Identifier: Apache-2.0
"""The host name inside a guest, made from the name of its server."""

import re
import unicodedata
from typing import Final

LONGEST: Final = 63


def from_name(name: str, uuid: str) -> str:
    """Lower case, only letters, digits and dashes; `server-<uuid>` when nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.sub(r"[ _.]", "-", plain.lower())
    words = re.sub(r"[^a-z0-9-]+", "", words).strip("-")
    return words[:LONGEST].rstrip("-") or f"server-{uuid}"


def numbered(text: str, number: int) -> str:
    """For the n-th server of one request."""
    return f"{text}-{number}"
