# SPDX-License-Identifier: Apache-2.0
"""Sphinx: `tox -e docs` builds with warnings as errors."""

import tomllib
from pathlib import Path

_PROJECT = tomllib.loads(
    (Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
)["project"]

project = "nova_lite"
author = "The nova_lite contributors"
version = release = _PROJECT["version"]
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
root_doc = "index"
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {"description": _PROJECT["description"], "page_width": "60em"}
html_copy_source = False
myst_heading_anchors = 3
