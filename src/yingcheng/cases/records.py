"""The case library of the white paper: four innovation dimensions per case."""

from __future__ import annotations

from dataclasses import dataclass

from yingcheng.findings import SourceRow

__all__ = ["Case", "SimilarCase"]


@dataclass(frozen=True, slots=True)
class Case:
    """One case (创新案例 or 标杆场景)."""

    id: str
    name: str
    kind: str = ""  # 创新案例 / 标杆场景
    city: str = ""
    enterprise: str = ""
    tracks: tuple[str, ...] = ()
    summary: str = ""
    investment: str = ""  # 投资建设创新
    operation: str = ""  # 招商运营创新
    business_model: str = ""  # 商业模式创新
    planning: str = ""  # 规划设计创新
    result: str = ""
    preconditions: str = ""  # 可复制条件
    year: str = ""
    link: str = ""
    extra: tuple[tuple[str, str], ...] = ()
    sources: tuple[SourceRow, ...] = ()


@dataclass(frozen=True, slots=True)
class SimilarCase:
    """A case that resembles an opportunity, with the words they share."""

    opportunity_id: str
    case_id: str
    similarity: float
    words: tuple[str, ...]
