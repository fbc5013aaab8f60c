"""④ The records of the enterprise capability matrix (企业能力矩阵)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from yingcheng.findings import SourceRow
from yingcheng.opportunities.records import Contact
from yingcheng.standards.industries import Industry
from yingcheng.standards.money import Money
from yingcheng.standards.regions import Region

__all__ = ["UNCHECKED_CODE", "Capability", "Cell", "Enterprise", "Evidence", "Matrix"]

UNCHECKED_CODE = "统一社会信用代码（未通过校验）"
"""Label of a code that failed its check, among the extra fields of an enterprise."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What backs a capability. Grade A contract or acceptance, B case or certificate, C product text, D own claim."""

    kind: str  # 合同 / 案例 / 证书 / 产品 / 自述 / 登记经营范围
    text: str
    grade: str
    date: date | None = None
    source: SourceRow | None = None


@dataclass(frozen=True, slots=True)
class Capability:
    """One thing an enterprise says it can do (场景能力)."""

    name: str
    description: str = ""
    tracks: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()  # 投资 / 建设 / 运营 / 技术产品 / 咨询规划 / 内容品牌
    scenario: str = ""  # 可应用落地场景
    evidence: tuple[Evidence, ...] = ()
    source: SourceRow | None = None


@dataclass(frozen=True, slots=True)
class Enterprise:
    """One firm, merged from every row and spelling that speaks of it."""

    id: str  # credit code where known and valid, else a digest of the normalised name
    name: str
    aliases: tuple[str, ...] = ()
    credit_code: str = ""
    registered: date | None = None
    kind: str = ""  # 企业类型
    legal_person: str = ""
    capital: Money | None = None
    staff: int | None = None
    revenue: Money | None = None  # last year
    abnormal: bool | None = None  # 经营异常
    region: Region | None = None
    region_text: str = ""
    address: str = ""
    industry: Industry | None = None
    industry_text: str = ""
    scope: str = ""  # 经营范围
    position: str = ""  # 核心定位
    business: str = ""  # 主营业务 / 企业与产品简介
    products: str = ""
    technologies: str = ""
    qualifications: tuple[str, ...] = ()
    honours: str = ""
    cases: str = ""  # 典型客户/案例, as written
    tracks: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    capabilities: tuple[Capability, ...] = ()
    contact: Contact = Contact()
    max_meetings: int | None = None
    group: str = ""  # group company
    extra: tuple[tuple[str, str], ...] = ()
    sources: tuple[SourceRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the matrix: level 1 says it, 2 shows it, 3 has done it and it was accepted."""

    enterprise_id: str
    track: str
    role: str
    level: int
    grade: str  # best grade among the evidence
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Enterprises × 13 tracks × 6 roles; only non-empty cells are kept."""

    enterprises: tuple[Enterprise, ...]
    cells: tuple[Cell, ...]
    uncovered_tracks: tuple[str, ...]  # tracks asked for or known that no enterprise covers
    unserved: tuple[tuple[str, str], ...]  # (opportunity id, why nobody can serve it)
