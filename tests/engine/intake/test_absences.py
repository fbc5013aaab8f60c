"""Absences as lists write them: with and without a day, a year, an agenda, a session."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from intake_sheets import codes, sheet

from yingcheng.intake.folder import Intake, read_sheets

SESSION = date(2025, 11, 10)
LIST = ("单位名称", "类别", "人数", "缺席时段")


def at(*parts: int) -> datetime:
    return datetime(*parts)  # noqa: DTZ001


def absences(text: str, *, session: date | None = SESSION, title: str = "") -> Intake:
    rows = [LIST, ("甲科技有限公司", "企业", 2, text)]
    return read_sheets([sheet(*([(title,)] if title else []), *rows, name="参会名单")], session=session)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("5月21日14:00-15:00", at(2025, 5, 21, 14), at(2025, 5, 21, 15)),
        ("11月10日9:00-10:00", at(2025, 11, 10, 9), at(2025, 11, 10, 10)),
        ("2025年11月10日9:00-10:00", at(2025, 11, 10, 9), at(2025, 11, 10, 10)),
        ("11月10日上午", at(2025, 11, 10), at(2025, 11, 10, 12)),
        ("上午", at(2025, 11, 10), at(2025, 11, 10, 12)),
        ("下午", at(2025, 11, 10, 12), at(2025, 11, 11)),
        ("上午和下午", at(2025, 11, 10), at(2025, 11, 10, 12)),
        ("9:00-10:00", at(2025, 11, 10, 9), at(2025, 11, 10, 10)),
        ("9:05-10:00", at(2025, 11, 10, 9, 5), at(2025, 11, 10, 10)),
        ("下午2-3点", at(2025, 11, 10, 14), at(2025, 11, 10, 15)),
        ("下午2点至4点", at(2025, 11, 10, 14), at(2025, 11, 10, 16)),
        ("下午3点后", at(2025, 11, 10, 15), at(2025, 11, 11)),
        ("10点前", at(2025, 11, 10), at(2025, 11, 10, 10)),
        ("全天", at(2025, 11, 10), at(2025, 11, 11)),
        ("10日上午", at(2025, 11, 10), at(2025, 11, 10, 12)),
        ("11日", at(2025, 11, 11), at(2025, 11, 12)),
    ],
)
def test_an_absence_is_read_beside_the_session(text: str, start: datetime, end: datetime) -> None:
    intake = absences(text)
    assert intake.participants[0].absences[0] == (start, end)
    assert "absence-unreadable" not in codes(intake)


def test_several_absences_in_one_cell() -> None:
    (someone,) = absences("11月10日上午；11日14:00-15:00，16:00-17:00").participants
    assert someone.absences == (
        (at(2025, 11, 10), at(2025, 11, 10, 12)),
        (at(2025, 11, 11, 14), at(2025, 11, 11, 15)),
        (at(2025, 11, 11, 16), at(2025, 11, 11, 17)),
    )


@pytest.mark.parametrize("text", ["11月10日-12日上午", "11月10日至11月12日上午", "10-12日上午"])
def test_a_run_of_days_counts_each_day(text: str) -> None:
    (someone,) = absences(text).participants
    assert [start.day for start, _end in someone.absences] == [10, 11, 12]
    assert {end.hour for _start, end in someone.absences} == {12}


def test_the_session_decides_where_the_agenda_has_other_days() -> None:
    agenda = sheet(
        ("2025年11月11日",), ("时间", "环节", "主题"), ("9:00-9:30", "致辞", "开幕"), name="议程", file="议程.xlsx"
    )
    people = sheet(LIST, ("甲科技有限公司", "企业", 2, "9:00-10:00"), name="参会名单")
    (someone,) = read_sheets([people, agenda], session=SESSION).participants
    assert someone.absences == ((at(2025, 11, 10, 9), at(2025, 11, 10, 10)),)
    (someone,) = read_sheets([people, agenda]).participants
    assert someone.absences == ((at(2025, 11, 11, 9), at(2025, 11, 11, 10)),)


@pytest.mark.parametrize("text", ["5月21日14:00-15:00", "上午", "9:00-10:00", "全天"])
def test_without_any_year_the_hint_is_a_form_that_is_read(text: str) -> None:
    intake = absences(text, session=None)
    (finding,) = (f for f in intake.findings if f.code == "absence-unreadable")
    hinted = finding.expected.split("如 ")[1]
    assert absences(hinted, session=None).participants[0].absences != ()


@pytest.mark.parametrize(("session", "title"), [(SESSION, ""), (None, "2025年对接会参会名单")])
def test_the_hint_is_read_wherever_it_is_given(session: date | None, title: str) -> None:
    intake = absences("看情况", session=session, title=title)
    (finding,) = (f for f in intake.findings if f.code == "absence-unreadable")
    hinted = finding.expected.split("如 ")[1]
    (someone,) = absences(hinted, session=session, title=title).participants
    assert [(start.year, start.hour, end.hour) for start, end in someone.absences] == [(2025, 14, 15)]


def test_an_agenda_without_a_day_is_of_the_session() -> None:
    agenda = sheet(("时间", "环节", "主题"), ("9:00-9:30", "致辞", "开幕"), name="议程")
    intake = read_sheets([agenda], session=SESSION)
    assert [block.start for block in intake.agenda] == [at(2025, 11, 10, 9)]
    dated = sheet(("11月11日",), ("时间", "环节", "主题"), ("9:00-9:30", "致辞", "开幕"), name="议程")
    assert [block.start for block in read_sheets([dated], session=SESSION).agenda] == [at(2025, 11, 11, 9)]


def test_a_time_at_which_one_does_come_is_no_absence() -> None:
    (someone,) = absences("上午有会，下午可参加").participants
    assert someone.absences == ((at(2025, 11, 10), at(2025, 11, 10, 12)),)
    (someone,) = absences("下午不能参加").participants
    assert someone.absences == ((at(2025, 11, 10, 12), at(2025, 11, 11)),)
    intake = absences("全程参会")
    assert (intake.participants[0].absences, "absence-unreadable" in codes(intake)) == ((), False)
