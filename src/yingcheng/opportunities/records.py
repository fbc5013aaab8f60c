"""② The records of the scenario opportunity list (场景机会清单)."""

from __future__ import annotations

from dataclasses import dataclass, field

from yingcheng.findings import SourceRow
from yingcheng.standards.dates import Period
from yingcheng.standards.money import Money
from yingcheng.standards.regions import Region

__all__ = ["Contact", "DuplicateGroup", "Opportunity", "OpportunityList", "Review", "TrackSuggestion"]


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact as sent. Phone and e-mail leave the house only where the sheet itself carries consent.

    ``publishable`` holds the names of the fields (``person``, ``phone``, ``email``) with consent in the sheet.
    """

    person: str = ""
    title: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    text: str = ""  # the cell as written
    publishable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Opportunity:
    """One scenario opportunity. Empty string, empty tuple and ``None`` mean "not given"."""

    id: str  # stable across runs: number as sent, else derived from unit and name
    name: str
    number: str = ""  # 编号 / 序号 as sent
    batch: str = ""
    kind: str = ""  # 场景类型 / 建设性质 …, as written
    size: str = ""  # 综合性重大场景 / 行业领域集成式场景 / 高价值小切口场景
    domains: tuple[str, ...] = ()  # 领域 as written, split
    tracks: tuple[str, ...] = ()  # of the 13, where the sheet's words say so
    summary: str = ""
    pain: str = ""
    need: str = ""
    technology: str = ""
    foundation: str = ""  # 建设基础
    resources: str = ""  # 开放资源
    expected: str = ""  # 预期目标
    acceptance: str = ""  # 验收标准
    modes: tuple[str, ...] = ()  # 合作方式
    qualifications: tuple[str, ...] = ()  # asked of the answering enterprise
    asks: str = ""  # 揭榜方要求, as written
    investment: Money | None = None
    funding: str = ""
    period: Period | None = None
    region: Region | None = None
    region_text: str = ""
    unit: str = ""  # 需求单位 / 业主
    lead: str = ""  # 牵头 / 主管部门
    contact: Contact = Contact()
    references: str = ""  # 参考案例
    candidates: tuple[str, ...] = ()  # 潜在企业 named by the sender
    status: str = ""
    progress: str = ""
    follower: str = ""
    link: str = ""
    max_meetings: int | None = None  # 揭榜数量 or the like
    extra: tuple[tuple[str, str], ...] = ()  # unmapped columns: header → text
    sources: tuple[SourceRow, ...] = ()

    @property
    def text(self) -> str:
        """Everything that says what is wanted, for similarity and track suggestion."""
        parts = (self.name, self.summary, self.pain, self.need, self.technology, self.expected, *self.domains)
        return "\n".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class TrackSuggestion:
    """A track suggested because the sheet gave none, with the words that led to it."""

    track: str
    reason: str


@dataclass(frozen=True, slots=True)
class Review:
    """What the checks say about one opportunity."""

    opportunity_id: str
    completeness: float  # 0 … 1, weighted share of the fields a published entry needs
    missing: tuple[str, ...]  # Chinese field labels
    publishable: bool
    blockers: tuple[str, ...]  # why not, each a sentence
    suggestions: tuple[TrackSuggestion, ...] = ()


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Opportunities that look like the same scenario, e.g. sent by two departments."""

    opportunity_ids: tuple[str, ...]  # sorted; the most complete one is ``keep``
    keep: str
    similarity: float  # lowest pairwise similarity within the group, 0 … 1
    differs: tuple[str, ...]  # Chinese labels of the fields that differ

    @property
    def copies(self) -> tuple[str, ...]:
        """The ids of all but the entry that stands for the group."""
        return tuple(member for member in self.opportunity_ids if member != self.keep)


@dataclass(frozen=True, slots=True)
class OpportunityList:
    """The checked list: every opportunity with its review, in the order of publication."""

    opportunities: tuple[Opportunity, ...]  # with suggested tracks filled in
    reviews: tuple[Review, ...]  # same order
    duplicates: tuple[DuplicateGroup, ...] = field(default=())

    @property
    def copies(self) -> dict[str, str]:
        """Opportunities that look like a copy of a fuller entry: id → id of the entry that stands for both."""
        return {copy: group.keep for group in self.duplicates for copy in group.copies}

    @property
    def distinct(self) -> tuple[Opportunity, ...]:
        """All but the copies: each scenario once, so that nobody is asked to meet twice about the same thing."""
        copies = self.copies
        return tuple(o for o in self.opportunities if o.id not in copies)

    @property
    def published(self) -> tuple[Opportunity, ...]:
        """Those that may be published."""
        return tuple(o for o, review in zip(self.opportunities, self.reviews, strict=True) if review.publishable)
