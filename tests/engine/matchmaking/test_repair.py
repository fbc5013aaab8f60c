"""Repair on the day: the past and the confirmed stay, little else changes, everyone concerned is told, undo."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from yingcheng.cli import app
from yingcheng.errors import UnreadableFile, UnusableInput
from yingcheng.matchmaking.records import Meeting, Participant, Request, Session, Timetable
from yingcheng.matchmaking.timetable import arrange, build_session, verify
from yingcheng.matchmaking.timetable.check import count_breaks
from yingcheng.matchmaking.timetable.repair import Disruption, repair
from yingcheng.matchmaking.timetable.schedule import Schedule, make_known
from yingcheng.matchmaking.timetable.stored import read_schedule, write_schedule
from yingcheng.onsite import Happened, mend, undo

DAY = date(2026, 5, 20)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime.combine(DAY, time(hour, minute))


def session(slots: int, tables: int) -> Session:
    end = time(9 + slots * 20 // 60, slots * 20 % 60)
    return build_session(DAY, [(time(9), end)], slot_minutes=20, tables=[f"{n}号桌" for n in range(1, tables + 1)])


def wanted(pairs: list[tuple[int, int]], **more: object) -> list[Request]:
    return [
        Request(f"u{a}-{b}", f"o{a}", f"e{b}", (f"p{a}", f"p{b}"), score=0.1 * n, **more)  # type: ignore[arg-type]
        for n, (a, b) in enumerate(pairs)
    ]


def event(pairs: list[tuple[int, int]], slots: int = 5, tables: int = 2) -> Timetable:
    people = tuple(Participant(f"p{n}", f"参会方{n}") for n in sorted({n for pair in pairs for n in pair}))
    return arrange(wanted(pairs), session(slots, tables), people, moves=5000)


PAIRS = [(0, 3), (0, 4), (1, 3), (1, 5), (2, 4), (2, 5)]


def test_who_cancels_loses_only_its_own_meetings_and_the_partners_are_told() -> None:
    made = event(PAIRS)
    mended = repair(made, Disruption(absences=(("p3", at(9), at(18)),)), now=at(8))
    assert verify(mended.timetable) == ()
    assert {change.uid for change in mended.changes} == {"u0-3", "u1-3"}
    assert set(mended.tell) == {"p0", "p1", "p3"}
    assert all("取消" in text for texts in mended.tell.values() for text in texts)
    assert mended.proven


def test_a_lost_table_moves_its_meetings_and_no_other() -> None:
    made = event(PAIRS, slots=5, tables=2)
    hit = {m.uid for m in made.meetings if m.table == 0}
    mended = repair(made, Disruption(lost_tables=(("1号桌", at(9), at(18)),)), now=at(8))
    assert verify(mended.timetable) == ()
    assert hit <= {change.uid for change in mended.changes}
    assert all(m.table == 1 for m in mended.timetable.meetings)
    assert len(mended.timetable.meetings) == 5  # one table, five slots: the sixth falls away, with its reason
    assert mended.timetable.unplaced[0].reason


def test_the_past_and_the_confirmed_stay() -> None:
    made = event(PAIRS)
    begun = {m for m in made.meetings if made.session.slots[m.slot].start <= at(9, 20)}
    firm = next(m for m in made.meetings if m not in begun)
    disruption = Disruption(absences=(("p0", at(8), at(18)),), lost_tables=(("2号桌", at(9), at(18)),))
    mended = repair(made, disruption, now=at(9, 20), confirmed=[firm.uid])
    assert verify(mended.timetable) == ()
    assert begun <= set(mended.timetable.meetings)
    if "p0" not in firm.parties and firm.table != 1:
        assert firm in mended.timetable.meetings


def test_an_overrun_pushes_what_comes_next() -> None:
    made = event(PAIRS)
    first = min(made.meetings, key=lambda m: m.slot)
    mended = repair(made, Disruption(overruns=((first.uid, 1),)), now=at(9, 10))
    longer = next(m for m in mended.timetable.meetings if m.uid == first.uid)
    assert (longer.slot, longer.slots, longer.table) == (first.slot, 2, first.table)
    assert verify(mended.timetable) == ()
    assert len(mended.timetable.meetings) == len(made.meetings)


@pytest.mark.parametrize("number", range(6))
def test_a_later_meeting_may_be_known_to_run_over(number: int) -> None:
    made = event(PAIRS, slots=6, tables=2)
    meeting = made.meetings[number]
    mended = repair(made, Disruption(overruns=((meeting.uid, 1),)), now=at(8))
    assert verify(mended.timetable) == ()
    assert len(mended.timetable.meetings) == len(made.meetings)
    assert next(m for m in mended.timetable.meetings if m.uid == meeting.uid).slots == 2


def test_a_vip_is_added_and_pushes_only_where_it_must() -> None:
    made = event(PAIRS)
    vip = Participant("vip", "市领导（虚构）", absences=((at(9, 20), at(18)),))
    new = Request("vip-0", "ov", "ev", ("vip", "p0"), priority=5)
    mended = repair(made, Disruption(added=(new,), newcomers=(vip,)), now=at(8))
    assert verify(mended.timetable) == ()
    assert next(m for m in mended.timetable.meetings if m.uid == "vip-0").slot == 0
    assert mended.proven


def test_the_waiting_list_fills_what_is_freed_by_score() -> None:
    pairs = [(0, 3), (1, 4), (2, 5)]
    people = tuple(Participant(f"p{n}", f"参会方{n}") for n in range(6))
    made = arrange(wanted(pairs), session(1, 1), people, moves=2000)
    placed = made.meetings[0].uid
    mended = repair(made, Disruption(cancelled=(placed,)), now=at(8))
    left = [request for request in made.requests if request.uid != placed]
    assert mended.timetable.meetings[0].uid == max(left, key=lambda request: request.score).uid
    assert [change.why for change in mended.changes if change.after is None] == ["已取消"]


def test_undo_gives_back_what_was_as_a_new_revision() -> None:
    made = event(PAIRS)
    mended = repair(made, Disruption(absences=(("p3", at(9), at(18)),)), now=at(8))
    back = mended.undo()
    assert back.meetings == made.meetings
    assert (made.revision, mended.timetable.revision, back.revision) == (0, 1, 2)


@pytest.mark.parametrize(
    "disruption",
    [
        Disruption(absences=(("nobody", at(9), at(10)),)),
        Disruption(lost_tables=(("九号桌", at(9), at(10)),)),
        Disruption(cancelled=("no such meeting",)),
    ],
)
def test_a_name_that_is_not_there_is_refused(disruption: Disruption) -> None:
    with pytest.raises(UnusableInput):
        repair(event(PAIRS), disruption, now=at(8))


def fewest_changes(made: Timetable, mended: Timetable, begun: set[str]) -> tuple[int, int]:
    """(−placed, changed) of the best timetable under the new circumstances, by trying everything."""
    old = {m.uid: m for m in made.meetings}
    best = (0, 0)
    places = [None, *product(range(len(mended.session.slots)), range(len(mended.session.tables)))]
    free = [request for request in mended.requests if request.uid not in begun]
    fixed = tuple(old[uid] for uid in sorted(begun))
    for chosen in product(places, repeat=len(free)):
        meetings = fixed + tuple(
            Meeting(r.uid, r.opportunity_id, r.enterprise_id, r.parties, *place, r.slots)
            for r, place in zip(free, chosen, strict=True)
            if place is not None
        )
        worth = (-len(meetings), sum(m.uid in old and m != old[m.uid] for m in meetings))
        if worth < best:
            one = replace(mended, meetings=meetings, unplaced=())
            if verify(replace(one, breaks=count_breaks(one), bound=0, proven=False)) == ():
                best = worth
    return best


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(2, 4)), min_size=2, max_size=4, unique=True),
    st.sampled_from(["p0", "p2"]),
    st.integers(0, 3),
    st.integers(1, 3),
    st.booleans(),
)
def test_changes_are_as_few_as_brute_force_finds(
    pairs: list[tuple[int, int]], party: str, start: int, length: int, table_lost: bool
) -> None:
    made = event(pairs, slots=3, tables=2)
    if party not in {p.id for p in made.participants}:
        return
    gone = at(9, 20 * start) if start < 3 else at(10), at(10, 20)
    disruption = Disruption(
        absences=((party, gone[0], at(9, 20) if length == 1 else gone[1]),),
        lost_tables=(("1号桌", at(9), at(9, 20)),) if table_lost else (),
    )
    if disruption.absences[0][1] >= disruption.absences[0][2]:
        return
    now = at(8)
    mended = repair(made, disruption, now=now)
    assert verify(mended.timetable) == ()
    assert mended.proven
    changed = sum(c.before is not None and c.after is not None for c in mended.changes)
    assert (-len(mended.timetable.meetings), changed) == fewest_changes(made, mended.timetable, set())


def test_a_file_gives_back_the_timetable_and_its_past(tmp_path: Path) -> None:
    made = event(PAIRS)
    mended = repair(made, Disruption(absences=(("p3", at(9), at(18)),)), now=at(8))
    path = tmp_path / "对接日程.json"
    schedule = make_known(Schedule(made, DAY)).changed(mended.timetable, at=at(8))
    write_schedule(path, schedule)
    assert read_schedule(path) == schedule
    assert schedule.earlier == (made,)
    path.write_text('{"format": 2, "schedule": {"timetable": {"session": 3}}}', encoding="utf-8")
    with pytest.raises(UnreadableFile):
        read_schedule(path)


class TestCommandLine:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        path = tmp_path / "对接日程.json"
        write_schedule(path, make_known(Schedule(event(PAIRS), DAY)))
        return path

    def test_what_happened_is_said_in_names_and_times(self, file: Path) -> None:
        made = read_schedule(file).timetable
        late = next(m for m in made.meetings if m.slot == 0)
        name = next(p.name for p in made.participants if p.id == late.parties[0])
        mended, _published = mend(file, Happened(late=[f"{name}=09:20"], vip=["市领导（虚构）×参会方5"]), now="08:00")
        schedule = read_schedule(file)
        now = schedule.timetable
        assert verify(now) == ()
        assert schedule.earlier == (made,)
        assert now == mended.timetable
        assert next(m for m in now.meetings if m.uid == late.uid).slot > 0
        assert {p.name for p in now.participants} - {p.name for p in made.participants} == {"市领导（虚构）"}

    def test_undo_and_nothing_left_to_undo(self, file: Path) -> None:
        made = read_schedule(file).timetable
        mend(file, Happened(cancelled=["参会方3"]), now="08:00")
        assert undo(file)[0].meetings == made.meetings
        assert read_schedule(file).timetable.revision == 2
        with pytest.raises(UnusableInput):
            undo(file)

    @pytest.mark.parametrize(
        "happened",
        [
            Happened(cancelled=["参会方九"]),
            Happened(late=["参会方3"]),
            Happened(lost=["3号"]),
            Happened(overrun=["甲"]),
        ],
    )
    def test_what_is_not_understood_changes_nothing(self, file: Path, happened: Happened) -> None:
        before = file.read_bytes()
        with pytest.raises(UnusableInput) as caught:
            mend(file, happened, now="08:00")
        assert caught.value.what
        assert file.read_bytes() == before

    def test_the_commands_say_whom_to_tell(self, file: Path) -> None:
        done = CliRunner().invoke(app, ["timetable", "repair", str(file), "--now", "08:00", "--cancel", "参会方3"])
        assert done.exit_code == 0, done.output
        assert "参会方0" in done.output
        assert "取消" in done.output
        checked = CliRunner().invoke(app, ["timetable", "check", str(file)])
        assert checked.exit_code == 0, checked.output
        assert CliRunner().invoke(app, ["timetable", "undo", str(file)]).exit_code == 0
