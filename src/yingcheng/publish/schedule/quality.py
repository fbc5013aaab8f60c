"""How good a timetable is, in the words and figures of one page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from yingcheng.matchmaking.records import Timetable
from yingcheng.matchmaking.timetable.check import breaks_by_party, busy_slots, table_changes_by_party
from yingcheng.matchmaking.timetable.schedule import Schedule
from yingcheng.publish.schedule.agendas import day_words, span_of, talks_of

__all__ = ["Measured", "measures", "reasons", "spread", "unplaced_rows"]

_NAMED = 3  # parties named where they are the extreme
_EFFORT = "排程按固定步数搜索，不看钟表，同样的材料得到同样的日程；本次运行用时记在 run.json。"


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure of the quality report."""

    name: str
    value: str
    note: str = ""


def _most(counts: Mapping[str, int], timetable: Timetable) -> str:
    """Who has the most, where anyone has any."""
    most = max(counts.values(), default=0)
    if not most:
        return "各方均为 0"
    names = {participant.id: participant.name for participant in timetable.participants}
    who = sorted(names.get(party, party) for party, count in counts.items() if count == most)
    others = f"等 {len(who)} 方" if len(who) > _NAMED else ""
    return f"单方最多 {most}：{'、'.join(who[:_NAMED])}{others}"


def measures(schedule: Schedule) -> tuple[Measured, ...]:
    """The figures, each with what it says."""
    timetable = schedule.timetable
    session = timetable.session
    wanted = len(timetable.meetings) + len(timetable.unplaced)
    breaks, moves = breaks_by_party(timetable), table_changes_by_party(timetable)
    taken = sum(meeting.slots for meeting in timetable.meetings)
    room = len(session.slots) * len(session.tables)
    proof = "已证明最少" if timetable.proven else f"已证明任何排法不少于 {timetable.bound}，未证明不能更少"
    size = f"{len(session.tables)} 张桌 × {len(session.slots)} 个时段"
    ends = sorted(span_of(meeting, session).end for meeting in timetable.meetings)
    share = f"{len(timetable.meetings) / wanted:.1%}" if wanted else "—"
    return (
        Measured("排入", f"{len(timetable.meetings)} 场", f"应排 {wanted} 场，排入 {share}；其余见“未排入”及原因"),
        Measured("未排入", f"{len(timetable.unplaced)} 场"),
        Measured("参会方", f"{len(busy_slots(timetable))} 方", "有会谈的参会方"),
        Measured("空档合计", f"{timetable.breaks} 处", f"两场会谈之间的空闲；{proof}"),
        Measured("空档分布", spread(breaks), _most(breaks, timetable)),
        Measured("换桌合计", f"{sum(moves.values())} 次", f"{_most(moves, timetable)}；换桌没有下界"),
        Measured("最后一场结束", f"{day_words(ends[-1].date())} {ends[-1]:%H:%M}" if ends else "—", "结束时间没有下界"),
        Measured("桌位占用", f"{taken / room:.1%}" if room else "—", size),
        Measured("当天调整", f"{timetable.revision} 次" if timetable.revision else "无", "撤销也算一次调整"),
        Measured("求解", "空档已证明最少" if timetable.proven else "最好的已知解", _EFFORT),
    )  # fmt: skip


def spread(counts: Mapping[str, int]) -> str:
    """How many parties have how many: ``0 处：80 方，1 处：6 方``."""
    found = sorted(Counter(counts.values()).items())
    return "，".join(f"{count} 处：{parties} 方" for count, parties in found) or "—"


def reasons(schedule: Schedule) -> tuple[tuple[str, int], ...]:
    """Why meetings have no place → how many, the most frequent first."""
    found = Counter(left.reason for left in schedule.timetable.unplaced)
    return tuple(sorted(found.items(), key=lambda entry: (-entry[1], entry[0])))


def unplaced_rows(schedule: Schedule, names: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """What it is about, with whom, why not: one row for each meeting without a place."""
    talks = talks_of(schedule)
    rows = []
    for left in schedule.timetable.unplaced:
        talk = talks.get((left.opportunity_id, left.enterprise_id))
        title = talk.title if talk else names.get(left.opportunity_id, left.opportunity_id)
        guest = talk.guest if talk else names.get(left.enterprise_id, left.enterprise_id)
        rows.append((title, guest, left.reason))
    return rows
