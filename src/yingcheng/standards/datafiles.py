"""The rooms' own data files: comma-separated and TOML, with comment lines that name the official source."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

__all__ = ["read_rows", "read_toml"]


def _text(name: str, room: str) -> str:
    return (files(f"yingcheng.{room}") / "data" / name).read_text(encoding="utf-8")


def read_rows(name: str, *, room: str = "standards") -> Iterator[dict[str, str]]:
    """Rows of a comma-separated data file of a room as dicts; lines starting with ``#`` are comments."""
    yield from csv.DictReader(line for line in _text(name, room).splitlines() if not line.startswith("#"))


def read_toml(name: str, *, room: str = "standards") -> dict[str, Any]:
    """A TOML data file of a room as a dict."""
    return tomllib.loads(_text(name, room))
