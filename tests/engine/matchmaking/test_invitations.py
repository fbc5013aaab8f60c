"""What was made known of a timetable: changes count up, what falls away is cancelled, nothing else is touched."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yingcheng.matchmaking.records import Meeting, Participant, Session, Timetable
from yingcheng.matchmaking.timetable import build_session
from yingcheng.matchmaking.timetable.schedule import Invitation, Schedule, invite, make_known

DAY = date(2026, 5, 20)
PEOPLE = tuple(Participant(f"p{n}", f"参会方{n}") for n in range(4))


def session() -> Session:
    return build_session(DAY, [(time(9), time(11))], slot_minutes=20, tables=["1号桌", "2号桌"])


def meeting(uid: str, slot: int, table: int = 0, *, slots: int = 1, parties: tuple[str, ...] = ("p0", "p1")) -> Meeting:
    return Meeting(uid, f"o-{uid}", f"e-{uid}", parties, slot, table, slots)


def timetable(*meetings: Meeting, revision: int = 0) -> Timetable:
    return Timetable(session(), PEOPLE, meetings, revision=revision)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime.combine(DAY, time(hour, minute))


def told(schedule: Schedule) -> dict[tuple[str, str], Invitation]:
    return {(one.uid, one.party): one for one in schedule.invitations}


def test_everyone_is_invited_to_the_whole_span_of_a_long_meeting() -> None:
    schedule = make_known(Schedule(timetable(meeting("a", 1, slots=3)), DAY))
    assert [one.party for one in schedule.invitations] == ["p0", "p1"]
    assert all((one.start, one.end) == (at(9, 20), at(10, 20)) for one in schedule.invitations)
    assert all(one.sequence == 0 and not one.cancelled for one in schedule.invitations)


def test_only_what_changed_counts_up_and_what_fell_away_is_cancelled() -> None:
    first = make_known(Schedule(timetable(meeting("a", 0), meeting("b", 1), meeting("c", 2)), DAY))
    after = first.changed(timetable(meeting("a", 0), meeting("b", 3, 1), revision=1), at=at(9, 10))
    before, now = told(first), told(after)
    assert now["a", "p0"] == before["a", "p0"]
    assert (now["b", "p0"].start, now["b", "p0"].table, now["b", "p0"].sequence) == (at(10), "2号桌", 1)
    assert (now["c", "p1"].cancelled, now["c", "p1"].sequence) == (True, 1)
    assert now["c", "p1"].start == before["c", "p1"].start, "where a calendar holds it"
    assert all(now[key].stamp == at(9, 10) for key in now if key[0] != "a")


def test_undo_tells_a_third_version_and_not_the_first_again() -> None:
    first = make_known(Schedule(timetable(meeting("a", 0), meeting("b", 1)), DAY))
    changed = first.changed(timetable(meeting("a", 2), meeting("new", 3), revision=1), at=at(8))
    back = changed.undone()
    now = told(back)
    assert back.timetable.meetings == first.timetable.meetings
    assert back.earlier == ()
    assert [now[uid, "p0"].sequence for uid in ("a", "b", "new")] == [2, 2, 2]
    assert [now[uid, "p0"].cancelled for uid in ("a", "b", "new")] == [False, False, True]
    assert all(one.stamp > told(changed)[key].stamp for key, one in now.items())
    with pytest.raises(IndexError):
        back.undone()


def test_a_guest_who_is_gone_after_undo_still_gets_the_cancellation() -> None:
    first = make_known(Schedule(timetable(meeting("a", 0)), DAY))
    guest = Participant("guest", "来宾（虚构）", "嘉宾")
    visit = meeting("v", 3, parties=("guest", "p1"))
    with_guest = replace(timetable(meeting("a", 0), visit, revision=1), participants=(*PEOPLE, guest))
    back = first.changed(with_guest, at=at(8)).undone()
    assert back.former == (guest,)
    assert told(back)["v", "guest"].cancelled
    again = back.changed(replace(with_guest, revision=3), at=at(9))
    assert told(again)["v", "guest"].sequence == 3
    assert not told(again)["v", "guest"].cancelled


def test_who_is_no_longer_of_the_company_is_told_so() -> None:
    first = invite(timetable(meeting("a", 0, parties=("p0", "p1", "p2"))), (), at=at(0))
    now = {one.party: one for one in invite(timetable(meeting("a", 0), revision=1), first, at=at(8))}
    assert now["p2"].cancelled
    assert not now["p0"].cancelled
    assert now["p0"].sequence == 1, "the company is another"


def test_a_new_run_goes_on_from_what_was_made_known() -> None:
    first = make_known(Schedule(timetable(meeting("a", 0), meeting("b", 1)), DAY))
    same = make_known(Schedule(timetable(meeting("a", 0), meeting("b", 1)), DAY), before=first)
    assert same == first, "nothing changed, nothing is told"
    other = make_known(Schedule(timetable(meeting("a", 4), meeting("b", 1)), DAY), before=first)
    assert other.timetable.revision == 1
    assert [one.sequence for one in other.invitations if one.uid == "a"] == [1, 1]
    assert [one.sequence for one in other.invitations if one.uid == "b"] == [0, 0]


moves = st.lists(
    st.dictionaries(st.sampled_from("abcd"), st.tuples(st.integers(0, 5), st.integers(0, 1)), max_size=4), max_size=5
)


@given(history=moves)
@settings(max_examples=150)
def test_whatever_happens_sequences_and_stamps_only_rise_with_a_change(
    history: list[dict[str, tuple[int, int]]],
) -> None:
    known: tuple[Invitation, ...] = ()
    for revision, placed in enumerate(history):
        made = timetable(*(meeting(uid, *place) for uid, place in placed.items()), revision=revision)
        new = invite(made, known, at=at(8))
        old = {(one.uid, one.party): one for one in known}
        assert len({(one.uid, one.party) for one in new}) == len(new)
        assert old.keys() <= {(one.uid, one.party) for one in new}, "nobody is forgotten"
        assert {one.uid for one in new if not one.cancelled} == set(placed)
        for one in new:
            before = old.get((one.uid, one.party))
            if before is not None and one != before:
                assert one.sequence > before.sequence
                assert one.stamp > before.stamp
        assert invite(made, new, at=at(12)) == new, "saying it again changes nothing"
        known = new
