"""The room's own data files: comma-separated and TOML, with comment lines that name the official source."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

__all__ = ["read_rows", "read_toml"]


def _text(name: str) -> str:
    return (files("yingcheng.standards") / "data" / name).read_text(encoding="utf-8")


def read_rows(name: str) -> Iterator[dict[str, str]]:
    """Rows of a comma-separated data file as dicts; lines starting with ``#`` are comments."""
    yield from csv.DictReader(line for line in _text(name).splitlines() if not line.startswith("#"))


def read_toml(name: str) -> dict[str, Any]:
    """A TOML data file as a dict."""
    return tomllib.loads(_text(name))
