"""① The records of the top-level plan (顶层策划): indicators, diagnosis, focus tracks."""

from __future__ import annotations

from dataclasses import dataclass

from yingcheng.findings import SourceRow

__all__ = ["Diagnosis", "Gap", "Indicator", "IndicatorValue", "Level", "Obstacle", "Peer", "Plan", "TrackView"]


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
class Level:
    """Level of a subsystem, 0 … 1, with the 5–95 % interval over random weightings."""

    subsystem: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Share of one indicator in what holds the city back (障碍度); shares add up to 1."""

    indicator: str
    subsystem: str
    share: float


@dataclass(frozen=True, slots=True)
class Gap:
    """A figure of the city beside the 75th percentile of its peers."""

    indicator: str
    value: float
    peers: float
    unit: str
    behind: bool
    source: str


@dataclass(frozen=True, slots=True)
class Peer:
    """A structurally similar city and its results."""

    code: str
    city: str
    levels: tuple[float, ...]  # 人 城 产
    degree: float
    rank: int


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
    urbanisation: float  # share of the population living in towns and cities, 0 … 1
    stage_rule: str
    cloud: tuple[tuple[str, float, float], ...]  # (city, T, C) of every reference city, for the chart


@dataclass(frozen=True, slots=True)
class TrackView:
    """The three columns of a track; they never merge into one score."""

    track: str
    need: str
    need_value: float | None
    base: str
    base_value: float | None
    feasible: str
    feasible_count: int
    focus: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of the host city; ``diagnosis`` is ``None`` where the city has no indicators."""

    city: str
    diagnosis: Diagnosis | None
    others: tuple[Diagnosis, ...]  # other attending cities
    tracks: tuple[TrackView, ...]
    notes: tuple[str, ...]  # what is missing, in plain words
