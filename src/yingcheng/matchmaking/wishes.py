"""What organisers ask of the matching, by the names they use."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["QUOTA_ATTRIBUTES", "NamedPair", "QuotaWish", "Wishes"]

QUOTA_ATTRIBUTES = ("区域", "赛道", "单位", "集团", "企业类型", "规模", "企业", "机会")
"""By what a quota may tell parties apart."""

NamedPair = tuple[str, str]  # an opportunity and an enterprise, by number, name or code


@dataclass(frozen=True, slots=True)
class QuotaWish:
    """A limit on all parties that have one of the values; ``attribute`` is one of ``QUOTA_ATTRIBUTES``."""

    name: str
    attribute: str
    values: tuple[str, ...]
    least: int | None = None
    most: int | None = None
    least_share: float | None = None
    most_share: float | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """Wishes by name; all may be empty."""

    must: tuple[NamedPair, ...] = ()
    must_not: tuple[NamedPair, ...] = ()
    met: tuple[NamedPair, ...] = ()
    minimums: tuple[tuple[str, int], ...] = ()
    weights: tuple[tuple[str, float], ...] = ()
    quotas: tuple[QuotaWish, ...] = ()
