"""① The records of the top-level plan (顶层策划): indicators, pack, diagnosis, focus tracks.

What the document and the charts print is here, computed; they add words and pictures, never a number.
"""

from __future__ import annotations

from dataclasses import dataclass

from yingcheng.findings import Finding, SourceRow

__all__ = [
    "CityPoint",
    "Diagnosis",
    "Gap",
    "Indicator",
    "IndicatorValue",
    "Industry",
    "Jackknife",
    "LagShare",
    "Level",
    "NeedEvidence",
    "Obstacle",
    "Override",
    "PackIdentity",
    "Peer",
    "Plan",
    "SupportItem",
    "TrackSupport",
    "TrackView",
]


@dataclass(frozen=True, slots=True)
class Indicator:
    """A measured quantity. ``direction`` +1: more is better, −1: less is better."""

    name: str
    subsystem: str  # 人 / 城 / 产
    direction: int
    unit: str
    source: str  # official source


@dataclass(frozen=True, slots=True)
class IndicatorValue:
    """One figure from an indicator sheet of the folder."""

    city: str
    region_code: str  # GB/T 2260 six digits, empty where the city was not recognised
    indicator: str
    year: str
    value: float
    unit: str
    source: SourceRow | None = None


@dataclass(frozen=True, slots=True)
class PackIdentity:
    """Which 基准包 (reference pack) a city was scored against; to be printed wherever its scores are."""

    id: str
    version: str
    title: str
    sha256: str  # over the pack's whole content; its first 12 digits are enough in print
    cities: int
    years: str  # "2019—2020"
    weights: str  # how the weights were made, in words
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """Level of a subsystem, 0 … 1, with the 5–95 % interval over random weightings."""

    subsystem: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LagShare:
    """Share of the random weightings in which a subsystem is the lowest; the shares of a city add up to 1."""

    subsystem: str
    share: float


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Share of one indicator in what holds the city back (障碍度); shares add up to 1.

    ``low`` and ``high`` are its 5–95 % interval over random weightings.
    """

    indicator: str
    subsystem: str
    share: float
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True, slots=True)
class Gap:
    """A figure of the city beside the 75th percentile of its peers (the 25th where less is better)."""

    indicator: str
    value: float
    peers: float
    unit: str
    behind: bool
    source: str
    subsystem: str = ""
    lag: float = 0.0  # on the pack's scale 0 … 1, positive = behind
    peers_known: int = 0  # peers that have this figure


@dataclass(frozen=True, slots=True)
class Peer:
    """A structurally similar city and its results."""

    code: str
    city: str
    levels: tuple[float, ...]  # 人 城 产
    degree: float
    rank: int
    rank_low: int = 0  # 5 %
    rank_high: int = 0  # 95 %
    distance: float = 0.0  # mean squared distance over standardised features; two random cities are about 2 apart


@dataclass(frozen=True, slots=True)
class CityPoint:
    """Where one city of the pack stands: for the T × C quadrant and the tile chart."""

    code: str
    province: str
    city: str
    development: float  # T
    coupling: float  # C
    degree: float  # D
    grade: str
    rank: int
    rank_low: int  # 5 %
    rank_high: int  # 95 %


@dataclass(frozen=True, slots=True)
class Jackknife:
    """Rank of the city when one indicator is left out."""

    indicator: str
    rank: int


@dataclass(frozen=True, slots=True)
class Industry:
    """One industry of the city beside the pack: location quotient × regional shift.

    ``national + mix + regional == end − start`` in persons (of the sample); ``shift`` is ``regional / start``. Where
    the pack has no earlier year these are ``None`` and ``kind`` is empty.
    """

    section: str  # GB/T 4754-2017
    name: str
    quotient: float  # share in the city over share in the whole economy; outside farming among the non-farm employed
    shift: float | None  # growth beyond that of the industry in the whole economy, per start
    kind: str  # 优势 / 转型 / 机会 / 弱
    start: float | None
    end: float
    national: float | None
    mix: float | None
    regional: float | None
    years: str = ""  # "2010—2020"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """How the city stands among the reference cities."""

    code: str
    city: str
    reference: str  # which set of cities, which year, which source
    size: int  # number of cities in it
    levels: tuple[Level, ...]  # 人 城 产
    coupling: float  # C
    development: float  # T
    degree: float  # D
    degree_low: float
    degree_high: float
    grade: str
    rank: int
    rank_low: int  # 5 %
    rank_high: int  # 95 %
    lagging: str
    lagging_share: float  # share of the weightings in which that subsystem lags
    obstacles: tuple[Obstacle, ...]  # largest first
    gaps: tuple[Gap, ...]  # those behind first, the largest lag on the common scale first
    peers: tuple[Peer, ...]  # nearest first
    urbanisation: float  # share of the population living in towns and cities, 0 … 1; NaN where unknown
    stage_rule: str
    cities: tuple[CityPoint, ...]  # every city of the pack, by code; the city itself and its peers among them
    pack: PackIdentity | None = None
    lag_shares: tuple[LagShare, ...] = ()  # 人 城 产
    corrected_coupling: float = 0.0  # C*
    corrected_degree: float = 0.0  # √(C*·T)
    jackknife: tuple[Jackknife, ...] = ()  # one indicator left out at a time, in the pack's order
    clipped: tuple[str, ...] = ()  # indicators beyond the ends of the pack's scale, counted as its end
    industries: tuple[Industry, ...] = ()  # in the order of the sections


@dataclass(frozen=True, slots=True)
class NeedEvidence:
    """One cell of the 13 × indicators table as it turned out for the city."""

    indicator: str
    when: str  # behind / high / low
    weight: float  # share of the cell among the track's measured cells
    gap: float | None  # 0 … 1 on the pack's scale; ``None`` where the city or its peers have no figure
    value: float | None  # the city's figure, in ``unit``
    peers: float | None  # the peers' quartile (behind) or median (high, low), in ``unit``
    unit: str
    reason: str  # why this indicator speaks for this track
    owner: str  # who answers for the cell
    source: str  # where the city's figure comes from


@dataclass(frozen=True, slots=True)
class SupportItem:
    """A record that stands ready for a track, so that a count can be opened to its rows."""

    name: str
    source: SourceRow | None = None
    remark: str = ""  # why it does not count, or what has still to be checked


@dataclass(frozen=True, slots=True)
class TrackSupport:
    """What stands ready for a track. ``excluded`` are cases and measures that do not count, each with its reason."""

    cases: tuple[SupportItem, ...] = ()
    enterprises: tuple[SupportItem, ...] = ()
    measures: tuple[SupportItem, ...] = ()
    opportunities: tuple[SupportItem, ...] = ()
    excluded: tuple[SupportItem, ...] = ()

    @property
    def count(self) -> int:
        """Cases, enterprises and measures; an opportunity is a wish, not a means."""
        return len(self.cases) + len(self.enterprises) + len(self.measures)


@dataclass(frozen=True, slots=True)
class Override:
    """A person's decision about a track, which the computation does not change."""

    track: str
    focus: bool  # taken in or left out
    reason: str


@dataclass(frozen=True, slots=True)
class TrackView:
    """The three columns of a track; they never merge into one score."""

    track: str
    need: str
    need_value: float | None
    base: str
    base_value: float | None  # location quotient
    feasible: str
    feasible_count: int
    focus: bool
    reason: str
    need_evidence: tuple[NeedEvidence, ...] = ()  # empty where nothing measures the track
    base_kind: str = ""  # 优势 / 转型 / 机会 / 弱; empty where not measured
    base_shift: float | None = None  # regional shift of its industries per start
    industries: tuple[Industry, ...] = ()  # those the base rests on
    support: TrackSupport = TrackSupport()
    share: float | None = None  # share of the weightings in which it is among the computed focus
    override: Override | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of the host city; ``diagnosis`` is ``None`` where the city has no indicators."""

    city: str
    diagnosis: Diagnosis | None
    others: tuple[Diagnosis, ...]  # other attending cities
    tracks: tuple[TrackView, ...]
    notes: tuple[str, ...]  # what is missing, in plain words
    findings: tuple[Finding, ...] = ()  # figures beyond the pack, columns that tell nobody apart
