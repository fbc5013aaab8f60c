"""行政区划 (GB/T 2260): names, short names and codes → regions."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Region"]


@dataclass(frozen=True, slots=True)
class Region:
    """A province, prefecture or county. ``code`` has six digits."""

    code: str
    name: str
    level: str  # province / prefecture / county
    path: str  # 山西省太原市小店区
