"""国民经济行业分类 (GB/T 4754-2017): codes and names."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Industry"]


@dataclass(frozen=True, slots=True)
class Industry:
    """A class of GB/T 4754-2017. ``code`` is a letter (门类) or 2, 3 or 4 digits; ``section`` the letter above it."""

    code: str
    name: str
    section: str
