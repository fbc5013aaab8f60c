"""⑤ The records of the matchmaking session (政企精准对接): candidates, pairs, timetable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from yingcheng.findings import SourceRow
from yingcheng.measures.records import Verdict

__all__ = [
    "DECISIONS",
    "Account",
    "AgendaBlock",
    "Assignment",
    "Candidate",
    "Candidates",
    "Decision",
    "Desk",
    "FloorLevel",
    "FrontierPoint",
    "Gate",
    "Loss",
    "Meeting",
    "NotChosen",
    "Opening",
    "Pair",
    "Participant",
    "Reason",
    "Request",
    "Session",
    "Slot",
    "Timetable",
    "Unplaced",
]


DECISIONS: Mapping[str, tuple[bool, float]] = {
    "采纳": (True, 1.0), "同意": (True, 1.0), "接受": (True, 1.0), "是": (True, 1.0),
    "已对接": (True, 1.5), "已见面": (True, 1.5), "有意向": (True, 1.5), "已签约": (True, 2.0), "签约": (True, 2.0),
    "不采纳": (False, 1.0), "不同意": (False, 1.0), "不合适": (False, 1.0), "拒绝": (False, 1.0), "否": (False, 1.0),
    "对接未果": (False, 1.0),
}  # fmt: skip
"""What people write about a candidate → whether they wanted it, and how much that says: a signature more than a nod."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one candidate that was shown."""

    opportunity_id: str
    enterprise_id: str
    wanted: bool
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Gate:
    """A hard condition of the opportunity. ``UNKNOWN`` keeps the candidate and says what to ask for."""

    name: str
    verdict: Verdict
    clause: str
    ask: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of a score. The contributions of a candidate's reasons add up to its score."""

    kind: str  # 文字 / 赛道 / 点名 …
    contribution: float
    words: tuple[str, ...]
    need_field: str
    offer_field: str
    text: str  # the sentence for people


@dataclass(frozen=True, slots=True)
class Candidate:
    """One opportunity × one enterprise that could answer it."""

    opportunity_id: str
    enterprise_id: str
    score: float  # 0 … 1
    confidence: float  # 0 … 1, lower where facts are missing
    reasons: tuple[Reason, ...]
    gates: tuple[Gate, ...] = ()
    against: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opening:
    """An opportunity told to an enterprise. It fits where nothing is ``lacking``; else it would, but for that."""

    enterprise_id: str
    candidate: Candidate
    lacking: tuple[str, ...] = ()  # clauses a hard condition said no to


@dataclass(frozen=True, slots=True)
class Candidates:
    """Best first within each opportunity; ``refused`` are those a gate said no to; ``nobody`` had no candidate."""

    edges: tuple[Candidate, ...]
    refused: tuple[Candidate, ...]
    nobody: tuple[str, ...]  # opportunity ids
    openings: tuple[Opening, ...] = ()  # by enterprise id, best first
    model: str = ""  # version of the model the scores are of
    encoder: str = ""  # name of the encoder; empty where only words count


@dataclass(frozen=True, slots=True)
class Pair:
    """A chosen meeting."""

    opportunity_id: str
    enterprise_id: str
    score: float
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Loss:
    """What a party has less than if it were alone, with one other party, and what stood in the way."""

    other: str  # id of the party it would have met
    amount: float  # of score, less what it got instead
    why: str


@dataclass(frozen=True, slots=True)
class Account:
    """What one party got. ``alone`` less the losses is what it ``got``."""

    party: str
    meetings: int
    got: float
    alone: float  # its highest total if nobody else wanted anything
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True, slots=True)
class FloorLevel:
    """One of the worst-off parties: what it got, and what the worst-off could get at most."""

    party: str
    floor: float
    bound: float


@dataclass(frozen=True, slots=True)
class FrontierPoint:
    """One way to weigh the worst-off against the total."""

    floor: float
    total: float
    bound: float  # no choice with this floor has a higher total
    better: tuple[str, ...]  # parties that have more than in the choice of highest total
    worse: tuple[str, ...]
    taken: bool = False  # whether it is the choice that was made


@dataclass(frozen=True, slots=True)
class NotChosen:
    """Why a pair was not chosen."""

    opportunity_id: str
    enterprise_id: str
    why: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who meets whom, with the proof of quality."""

    pairs: tuple[Pair, ...]
    total: float  # of scores, times weights where there are any
    bound: float  # no choice that leaves the same minimums unmet, and the worst-off as well off, has a higher total
    unmet: tuple[str, ...] = ()  # minimums that could not be met, each a sentence
    fair: str = ""  # whose worst-off party was raised first: needs, offers, both
    levels: tuple[FloorLevel, ...] = ()  # the worst-off first
    accounts: tuple[Account, ...] = ()
    frontier: tuple[FrontierPoint, ...] = ()
    not_chosen: tuple[NotChosen, ...] = ()
    proof: str = ""  # as a file, for yingcheng match --verify

    @property
    def gap(self) -> float:
        """Relative distance to the bound, 0 when proven best."""
        return 0.0 if self.bound <= 0 else (self.bound - self.total) / self.bound


@dataclass(frozen=True, slots=True)
class Participant:
    """A party at the session (enterprise, city unit, guest)."""

    id: str
    name: str
    kind: str = ""  # 企业 / 政府部门 / 嘉宾 …
    people: int = 1
    absences: tuple[tuple[datetime, datetime], ...] = ()
    extra: tuple[tuple[str, str], ...] = ()  # unmapped columns: header → text
    sources: tuple[SourceRow, ...] = ()
    parallel: int = 1  # meetings it can hold at once; a delegation says so itself


@dataclass(frozen=True, slots=True)
class AgendaBlock:
    """A fixed part of the programme. Those on stage are busy; ``everyone`` blocks all meetings."""

    title: str
    kind: str  # 主旨 / 对话 / 发布 / 致辞 / 茶歇 …
    start: datetime
    end: datetime
    on_stage: tuple[str, ...] = ()  # names as written
    everyone: bool = False
    place: str = ""
    extra: tuple[tuple[str, str], ...] = ()  # unmapped columns: header → text
    sources: tuple[SourceRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """A meeting slot; ``index`` counts from 0 over the whole session."""

    index: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Desk:
    """What is known about a table: where it stands, what it offers, when it is open (always, where nothing is said)."""

    area: str = ""
    equipment: tuple[str, ...] = ()
    hours: tuple[tuple[datetime, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """When and where meetings can take place."""

    slots: tuple[Slot, ...]
    tables: tuple[str, ...]
    agenda: tuple[AgendaBlock, ...] = ()
    desks: tuple[Desk, ...] = ()  # one for each table, or none at all
    walks: tuple[tuple[str, str, int], ...] = ()  # (area, area, minutes), both ways
    rest: int = 0  # least minutes between two meetings of one party

    def desk(self, table: int) -> Desk:
        """What is known about a table."""
        return self.desks[table] if self.desks else Desk()

    def walk(self, one: str, other: str) -> int:
        """Minutes from area to area; 0 where nothing is said."""
        return next((minutes for a, b, minutes in self.walks if {a, b} == {one, other}), 0) if one != other else 0


@dataclass(frozen=True, slots=True)
class Request:
    """A meeting that is wanted, with everything it asks for.

    Attributes:
        uid: the same for the same pair in every run.
        opportunity_id: what it is about.
        enterprise_id: who answers.
        parties: participant ids, two or more; the first is the host.
        score: the order of the waiting list.
        priority: 1 or more; what cannot all be placed goes by it.
        slots: how long it takes.
        session: 上午 or 下午; empty: any time.
        tables: names of the tables that will do; empty: any.
        equipment: what the table must offer.
        fixed: number of the slot it must begin in.
        after: uids of meetings that must be over before it begins.
    """

    uid: str
    opportunity_id: str
    enterprise_id: str
    parties: tuple[str, ...]
    score: float = 0.0
    priority: int = 1
    slots: int = 1
    session: str = ""
    tables: tuple[str, ...] = ()
    equipment: tuple[str, ...] = ()
    fixed: int | None = None
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting of two or more parties. ``uid`` is stable across runs."""

    uid: str
    opportunity_id: str
    enterprise_id: str
    parties: tuple[str, ...]  # participant ids
    slot: int
    table: int
    slots: int = 1


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A pair that got no slot, with the reason."""

    opportunity_id: str
    enterprise_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Timetable:
    """A conflict-free timetable. A break is a maximal run of free slots between two meetings of one party."""

    session: Session
    participants: tuple[Participant, ...]
    meetings: tuple[Meeting, ...]
    unplaced: tuple[Unplaced, ...] = field(default=())
    breaks: int = 0
    bound: int = 0  # no timetable that places as many meetings has fewer breaks
    proven: bool = False
    requests: tuple[Request, ...] = ()  # everything that was wanted, placed or not
    revision: int = 0  # how often it was changed on the day
