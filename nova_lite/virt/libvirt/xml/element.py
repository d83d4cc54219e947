# SPDX-License-Identifier: Apache-2.0
"""XML elements in one expression, everything escaped."""

import re
from xml.etree import ElementTree as ET

Element = ET.Element
Value = str | int

# What XML 1.0 cannot hold at all, escaped or not.
_IMPOSSIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(tag: str, *inside: Element | Value | None, **attributes: Value | None) -> Element:
    """An element with text or elements inside. What is None is left out; `class_` and the
    like lose their underscore."""
    made = Element(
        tag,
        {name.rstrip("_"): clean(value) for name, value in attributes.items() if value is not None},
    )
    for item in inside:
        if item is None:
            continue
        if isinstance(item, Element):
            made.append(item)
        else:
            made.text = clean(item)
    return made


def clean(value: Value) -> str:
    """Text with a replacement character for what XML cannot hold."""
    return _IMPOSSIBLE.sub("\ufffd", str(value))


def render(root: Element) -> str:
    """Indented text that ends with a newline."""
    ET.indent(root)
    return ET.tostring(root, encoding="unicode") + "\n"
