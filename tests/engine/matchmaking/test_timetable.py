"""The timetable: hard rules always, fewest breaks against brute force, names of what cannot be placed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yingcheng.errors import SettingsError
from yingcheng.matchmaking import timetable as module
from yingcheng.matchmaking.records import (
    AgendaBlock,
    Desk,
    Meeting,
    Pair,
    Participant,
    Request,
    Session,
    Timetable,
)
from yingcheng.matchmaking.timetable import arrange, build_session, make_timetable, verify
from yingcheng.matchmaking.timetable.bounds import break_bound
from yingcheng.matchmaking.timetable.check import count_breaks
from yingcheng.matchmaking.timetable.pairs import improve_pairs, is_of_pairs
from yingcheng.matchmaking.timetable.problem import Party, Problem, Task
from yingcheng.matchmaking.timetable.search import Found, improve
from yingcheng.matchmaking.timetable.session import is_on_stage

DAY = date(2026, 5, 20)
MORNING = (time(9), time(10, 20))


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return datetime.combine(day, time(hour, minute))


def session(slots: int = 4, tables: int = 2, agenda: tuple[AgendaBlock, ...] = ()) -> Session:
    minutes = 20 * slots
    window = (time(9), time(9 + minutes // 60, minutes % 60))
    return build_session(DAY, [window], slot_minutes=20, tables=[f"{n}号桌" for n in range(tables)], agenda=agenda)


def make(pairs: list[Pair], where: Session, participants: tuple[Participant, ...] = (), seed: int = 0) -> Timetable:
    units = {pair.opportunity_id: f"太原市第{pair.opportunity_id}委员会" for pair in pairs}
    names = {pair.enterprise_id: f"{pair.enterprise_id}科技有限公司" for pair in pairs}
    return make_timetable(pairs, where, participants, units=units, names=names, seed=seed)


def pair(text: str) -> Pair:
    opportunity, enterprise = text.split("-")
    return Pair(opportunity, enterprise, 0.5)


class TestSession:
    def test_slots_fill_each_window_of_each_day_in_order(self) -> None:
        days = [date(2026, 5, 21), DAY]
        made = build_session(days, [(time(14), time(15)), MORNING], slot_minutes=30, tables=["1"])
        assert [slot.start for slot in made.slots] == [
            at(9),
            at(9, 30),
            at(14),
            at(14, 30),
            at(9, 0, days[0]),
            at(9, 30, days[0]),
            at(14, 0, days[0]),
            at(14, 30, days[0]),
        ]
        assert [slot.index for slot in made.slots] == list(range(8))

    def test_slots_go_around_what_everyone_attends_and_through_what_some_attend(self) -> None:
        plenary = AgendaBlock("主旨演讲", "主旨", at(9, 30), at(9, 45), everyone=True)
        dialogue = AgendaBlock("对话", "对话", at(9, 50), at(10, 20), on_stage=("甲",))
        made = build_session(DAY, [MORNING], slot_minutes=15, tables=["1"], agenda=[plenary, dialogue])
        assert [slot.start for slot in made.slots] == [at(9), at(9, 15), at(9, 45), at(10)]

    def test_overlapping_windows_give_no_overlapping_slots(self) -> None:
        made = build_session(DAY, [(time(9), time(10)), (time(9, 30), time(10, 30))], slot_minutes=20, tables=["1"])
        assert all(a.end <= b.start for a, b in zip(made.slots, made.slots[1:], strict=False))

    def test_all_faults_are_named_at_once(self) -> None:
        with pytest.raises(SettingsError) as caught:
            build_session(DAY, [(time(12), time(9))], slot_minutes=0, tables=["1", "1"])
        assert len(caught.value.faults) == 3


def request(number: int, parties: tuple[str, ...], **more: object) -> Request:
    return Request(f"u{number}", f"o{number}", f"e{number}", parties, **more)  # type: ignore[arg-type]


def brute_force(requests: list[Request], where: Session, participants: tuple[Participant, ...]) -> tuple[int, int]:
    """(weight placed, −breaks) of the best timetable, every one of them judged by the checker alone."""
    best = (0, 0)
    places = [None, *product(range(len(where.slots)), range(len(where.tables)))]
    for chosen in product(places, repeat=len(requests)):
        made = tuple(
            Meeting(r.uid, r.opportunity_id, r.enterprise_id, r.parties, *place, r.slots)
            for r, place in zip(requests, chosen, strict=True)
            if place is not None
        )
        worth = sum(r.priority for r, place in zip(requests, chosen, strict=True) if place is not None)
        if worth < best[0]:
            continue
        timetable = Timetable(where, participants, made, requests=tuple(requests))
        breaks = count_breaks(timetable)
        if (worth, -breaks) > best and verify(replace(timetable, breaks=breaks, bound=0)) == ():
            best = (worth, -breaks)
    return best


EQUIPMENT = ("屏幕",)


@st.composite
def events(draw: st.DrawFn) -> tuple[list[Request], Session, tuple[Participant, ...]]:
    """Up to three meetings with every kind of rule, on two tables and four slots around noon."""
    where = build_session(
        DAY, [(time(11, 20), time(12)), (time(13), time(13, 40))], slot_minutes=20, tables=["甲", "乙"]
    )
    hours = draw(st.sampled_from([(), ((at(11), at(12)),), ((at(11, 40), at(14)),)]))
    desks = (Desk(equipment=EQUIPMENT), Desk(hours=hours))
    where = replace(where, desks=desks, rest=draw(st.sampled_from([0, 0, 10])))
    absences = st.sampled_from([(), (), ((at(11), at(11, 30)),), ((at(13, 10), at(14)),)])
    participants = tuple(
        Participant(f"p{n}", f"参会方{n}", absences=draw(absences), parallel=draw(st.sampled_from([1, 1, 2])))
        for n in range(4)
    )
    requests = []
    for number in range(draw(st.integers(1, 4))):
        size = draw(st.integers(2, 3))
        parties = tuple(draw(st.permutations([p.id for p in participants]))[:size])
        requests.append(
            request(
                number,
                parties,
                priority=draw(st.integers(1, 3)),
                slots=draw(st.sampled_from([1, 1, 2])),
                session=draw(st.sampled_from(["", "", "上午", "下午"])),
                tables=draw(st.sampled_from([(), (), ("乙",)])),
                equipment=draw(st.sampled_from([(), (), EQUIPMENT])),
                fixed=draw(st.sampled_from([None, None, None, 1])),
                after=draw(st.sampled_from([(), (), ("u0",)])) if number else (),
            )
        )
    return requests, where, participants


@settings(max_examples=40, deadline=None)
@given(events())
def test_as_good_as_brute_force_under_every_kind_of_rule(
    event: tuple[list[Request], Session, tuple[Participant, ...]],
) -> None:
    requests, where, participants = event
    made = arrange(requests, where, participants, moves=3000)
    assert verify(made) == ()
    assert len(made.meetings) + len(made.unplaced) == len(requests)
    assert all(left.reason for left in made.unplaced)
    priority = {r.uid: r.priority for r in requests}
    worth, breaks = brute_force(requests, where, participants)
    assert (sum(priority[m.uid] for m in made.meetings), made.breaks) == (worth, -breaks)
    assert made.bound <= made.breaks


@st.composite
def plain_problems(draw: st.DrawFn) -> Problem:
    slots = draw(st.integers(2, 4))
    pairs = draw(st.lists(st.tuples(st.integers(0, 2), st.integers(3, 5)), min_size=1, max_size=5, unique=True))
    free = draw(st.lists(st.integers(1, (1 << slots) - 1), min_size=6, max_size=6))
    every, tables = (1 << slots) - 1, draw(st.integers(1, 3))
    return Problem(
        tuple(Task(pair, every, tables=(1 << tables) - 1) for pair in pairs),
        tuple(Party(mask) for mask in free),
        draw(st.sampled_from([(0,) * slots, tuple(slot * 2 // slots for slot in range(slots))])),
        tuple((20 * slot, 20 * slot + 20) for slot in range(slots)),
        (every,) * tables,
    )


@settings(max_examples=40, deadline=None)
@given(plain_problems())
def test_the_bound_is_below_every_complete_timetable(problem: Problem) -> None:
    best = None
    for slots in product(range(problem.slots), repeat=len(problem.tasks)):
        busy = [0] * len(problem.parties)
        fits = max(slots.count(slot) for slot in slots) <= len(problem.open_tables)
        for task, slot in zip(problem.tasks, slots, strict=True):
            for party in task.parties:
                fits &= bool(problem.parties[party].free >> slot & 1) and not busy[party] >> slot & 1
                busy[party] |= 1 << slot
        if fits:
            breaks = sum(problem.breaks(slots))
            best = breaks if best is None else min(best, breaks)
    bound = break_bound(problem)
    if best is not None:
        assert bound is not None
        assert bound <= best
    found = improve(problem, moves=20_000, seed=1)
    assert (found.placed == len(problem.tasks)) == (best is not None)
    if best is not None:
        assert found.breaks >= best
    if is_of_pairs(problem):
        of_pairs = improve_pairs(problem, moves=20_000, seed=1)
        assert of_pairs.placed == found.placed
        if best is not None:
            assert of_pairs.breaks == sum(problem.breaks(of_pairs.slots)) >= best
            assert_holds(problem, of_pairs.slots)


def assert_holds(problem: Problem, slots: tuple[int, ...]) -> None:
    """Everyone free and in one place, tables for all."""
    assert max(slots.count(slot) for slot in set(slots)) <= len(problem.open_tables)
    met = [(party, slot) for task, slot in zip(problem.tasks, slots, strict=True) for party in task.parties]
    assert len(set(met)) == len(met)
    assert all(problem.parties[party].free >> slot & 1 for party, slot in met)
    assert all(task.starts >> slot & 1 for task, slot in zip(problem.tasks, slots, strict=True))


def crowd(people: int, slots: int, tables: int) -> Problem:
    """Everyone meets four others; some are away for a while, some meetings are in the morning only."""
    pairs = sorted(
        {
            (min(a, b), max(a, b))
            for a in range(people)
            for b in ((a * 7 + k * k) % people for k in (1, 3, 4, 6))
            if a != b
        }
    )
    every, morning = (1 << slots) - 1, (1 << slots // 2) - 1
    return Problem(
        tuple(Task(pair, every if n % 9 else morning, tables=(1 << tables) - 1) for n, pair in enumerate(pairs)),
        tuple(Party(every if n % 7 else every & ~(3 << n % (slots - 1))) for n in range(people)),
        (0,) * slots,
        tuple((20 * slot, 20 * slot + 20) for slot in range(slots)),
        (every,) * tables,
    )


@pytest.mark.parametrize("slots", [30, 64])
def test_a_large_event_is_valid_whenever_it_is_stopped_and_the_same_again(slots: int) -> None:
    problem = crowd(120, slots, 500 // slots + 6)
    assert is_of_pairs(problem)
    seen = []

    def watch(found: Found) -> bool:
        assert found.placed == len(problem.tasks)
        assert_holds(problem, found.slots)
        seen.append(found)
        return True

    last = improve_pairs(problem, moves=2_000_000, seed=3, watch=watch)
    assert [found.breaks for found in seen] == sorted((found.breaks for found in seen), reverse=True)
    assert last == seen[-1] == improve_pairs(problem, moves=2_000_000, seed=3)
    assert last.breaks < seen[0].breaks / 2
    stopped = improve_pairs(problem, moves=2_000_000, seed=3, watch=lambda found: found.moves < 1_000_000)
    assert last.breaks <= stopped.breaks < seen[0].breaks


def test_later_goals_are_heeded_in_a_large_event() -> None:
    problem = crowd(120, 30, 22)

    def ends(found: Found) -> int:
        return sum(busy.bit_length() for busy in problem.busy(found.slots))

    late = improve_pairs(problem, moves=1_000_000, seed=3)
    soon = improve_pairs(problem, moves=1_000_000, seed=3, early=0.2)
    assert ends(soon) < ends(late)


def test_a_large_event_without_enough_tables_places_what_it_can() -> None:
    problem = crowd(60, 10, 10)
    assert len(problem.tasks) > 100
    found = improve_pairs(problem, moves=1_000_000, seed=3)
    assert found.placed == 100


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), min_size=1, max_size=14, unique=True),
    st.integers(1, 6),
    st.randoms(use_true_random=False),
)
def test_hard_rules_hold_and_the_order_of_pairs_changes_nothing(
    wanted: list[tuple[int, int]], tables: int, random: object
) -> None:
    pairs = [Pair(f"o{o}", f"e{e}", 0.5) for o, e in wanted]
    dialogue = AgendaBlock("对话", "对话", at(9, 20), at(9, 40), on_stage=("e1科技有限公司 董事长",))
    where = session(6, tables, (dialogue,))
    absent = Participant("e2", "e2科技有限公司", absences=((at(9), at(9, 30)),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FEWEST_MOVES", 500)
        patch.setattr(module, "MOVES_PER_MEETING", 1)
        patch.setattr(module, "EXACT_EFFORT", 0.05)
        made = make(pairs, where, (absent,))
        shuffled = list(pairs)
        random.shuffle(shuffled)  # type: ignore[attr-defined]
        again = make(shuffled, where, (absent,))
    assert verify(made) == ()
    assert len(made.meetings) + len(made.unplaced) == len(pairs)
    assert made == again


def test_a_full_table_of_meetings_without_breaks_is_proven() -> None:
    made = make([pair(f"{o}-{e}") for o in "甲乙丙" for e in "丁戊己"], session(3, 3))
    assert (len(made.meetings), made.breaks, made.bound, made.proven) == (9, 0, 0, True)
    assert verify(made) == ()


def test_hosts_keep_their_table() -> None:
    made = make([pair(f"{o}-{e}") for o in "甲乙丙" for e in "丁戊己"], session(3, 3))
    tables: dict[str, set[int]] = {}
    for meeting in made.meetings:
        tables.setdefault(meeting.parties[0], set()).add(meeting.table)
    assert all(len(used) == 1 for used in tables.values())


def test_opportunities_of_one_unit_share_one_party() -> None:
    where = session(1, 5)
    made = make_timetable(
        [pair("o1-e1"), pair("o2-e2")], where, (), units={"o1": "太原市文旅局", "o2": "太原市文旅局"}, names={}
    )
    assert len(made.meetings) == 1
    assert made.unplaced[0].reason == "太原市文旅局共 2 场，可用时段只有 1 个"
    apart = make_timetable([pair("o1-e1"), pair("o2-e2")], where, (), units={}, names={})
    assert len(apart.meetings) == 2


def test_on_stage_and_absent_parties_are_busy() -> None:
    dialogue = AgendaBlock("对话", "对话", at(9), at(9, 20), on_stage=("丁科技",))
    absent = Participant("p7", "太原市第甲委员会", absences=((at(9, 40), at(10)),))
    made = make([pair("甲-丁")], session(3, 1, (dialogue,)), (absent,))
    assert [(meeting.slot, meeting.parties) for meeting in made.meetings] == [(1, ("p7", "丁"))]


@pytest.mark.parametrize(
    ("absences", "reason"),
    [
        (((at(8), at(18)),), "太原市第甲委员会没有可用时段"),
        ((), "全部 3 场超过洽谈桌总容量 2 场"),
    ],
)
def test_what_cannot_be_placed_is_named_with_the_reason(
    absences: tuple[tuple[datetime, datetime], ...], reason: str
) -> None:
    listed = Participant("p1", "太原市第甲委员会", absences=absences)
    made = make([pair("甲-丁"), pair("乙-戊"), pair("丙-己")], session(2, 1), (listed,))
    assert len(made.unplaced) == 1
    assert made.unplaced[0].reason.startswith(reason)
    assert verify(made) == ()


def test_without_slots_or_tables_everything_is_unplaced() -> None:
    for where in (session(2, 0), build_session(DAY, [], slot_minutes=20, tables=["1"])):
        made = make([pair("甲-丁")], where)
        assert made.meetings == ()
        assert len(made.unplaced) == 1
        assert verify(made) == ()


def test_a_night_is_no_break() -> None:
    days = [DAY, date(2026, 5, 21)]
    where = build_session(days, [(time(9), time(9, 40))], slot_minutes=20, tables=["1", "2"])
    late = Participant("甲", "太原市第甲委员会", absences=((at(9, 20), at(9, 0, days[1])),))
    made = make([pair("甲-丁"), pair("甲-戊"), pair("甲-己")], where, (late,))
    assert {meeting.slot for meeting in made.meetings} == {0, 2, 3}
    assert made.breaks == count_breaks(made) == 0


def test_uids_are_stable_and_distinct() -> None:
    pairs = [pair("甲-丁"), pair("乙-丁")]
    one, other = make(pairs, session(4)), make(pairs, session(6, 3), seed=7)
    uids = {(m.opportunity_id, m.enterprise_id): m.uid for m in one.meetings}
    assert len(set(uids.values())) == 2
    assert uids == {(m.opportunity_id, m.enterprise_id): m.uid for m in other.meetings}


def test_the_checker_sees_every_kind_of_fault() -> None:
    dialogue = AgendaBlock("对话", "对话", at(9), at(9, 20), on_stage=("丁科技",))
    made = make([pair("甲-丁"), pair("乙-戊"), pair("甲-戊")], session(3, 2, (dialogue,)))
    assert verify(made) == ()
    first = made.meetings[0]

    def spoilt(**change: object) -> tuple[str, ...]:
        return verify(replace(made, meetings=(replace(first, **change), *made.meetings[1:])))  # type: ignore[arg-type]

    other = next(m for m in made.meetings[1:] if set(m.parties) & set(first.parties))
    assert any("同一参会方" in fault for fault in spoilt(slot=other.slot))
    assert any("不存在" in fault for fault in spoilt(slot=9))
    assert any("不存在" in fault for fault in spoilt(table=5))
    assert any("不在名单" in fault for fault in spoilt(parties=("甲", "无此方")))
    assert any("编号重复" in fault for fault in spoilt(uid=made.meetings[1].uid))
    staged = next(m for m in made.meetings if m.enterprise_id == "丁")
    moved = [replace(m, slot=0, table=1) if m is staged else m for m in made.meetings]
    assert any("在台上" in fault for fault in verify(replace(made, meetings=tuple(moved))))
    assert any("空档" in fault for fault in verify(replace(made, breaks=made.breaks + 1)))
    everyone = replace(dialogue, everyone=True)
    assert any("全体活动" in f for f in verify(replace(made, session=replace(made.session, agenda=(everyone,)))))


def test_a_city_on_stage_keeps_none_of_its_offices_from_meeting() -> None:
    dialogue = AgendaBlock("对话", "对话", at(9), at(9, 20), on_stage=("太原市", "太原示例科技集团"))
    assert not is_on_stage(Participant("1", "太原市民政局"), dialogue)
    assert is_on_stage(Participant("2", "太原市"), dialogue)
    assert is_on_stage(Participant("3", "太原示例科技集团有限公司"), dialogue)
