"""Dates and periods as people write them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

__all__ = ["Period"]


@dataclass(frozen=True, slots=True)
class Period:
    """A day or a span. ``None`` at an end means open (长期, 2025年底前 has no start).

    ``precision`` is ``day``, ``month``, ``quarter``, ``half``, ``year`` or ``open``; a single day has ``start == end``.
    ``certain`` is false where the text was only partly understood; ``text`` is always the original.
    """

    start: date | None
    end: date | None
    precision: str
    text: str
    certain: bool = True
    note: str = ""
