"""Calendars are valid RFC 5545: a time zone with a STANDARD part, one domain per UID, place and reason."""

from dataclasses import replace
from datetime import datetime, timedelta

from icalendar import Calendar

from yingcheng.matchmaking.records import AgendaBlock
from yingcheng.publish.matchmaking import schedule_of
from yingcheng.publish.records import Results
from yingcheng.publish.schedule.agendas import make_agendas
from yingcheng.publish.schedule.calendars import calendar


def everyones(results: Results) -> list[Calendar]:
    agendas = make_agendas(schedule_of(results))
    return [Calendar.from_ical(calendar(agenda)) for agenda in agendas if agenda.invited]


def test_the_time_zone_has_a_standard_part_of_eight_hours(results: Results) -> None:
    calendars = everyones(results)
    assert calendars
    for book in calendars:
        (standard,) = book.walk("STANDARD")
        assert standard["tzoffsetfrom"].td == standard["tzoffsetto"].td == timedelta(hours=8)
        assert standard["dtstart"].to_ical() == b"19700101T000000"
        assert standard["tzname"] == "CST"
        assert not book.walk("DAYLIGHT")
        assert b"COMMENT" not in book.to_ical()


def test_uids_are_unique_within_a_calendar_and_carry_one_domain(results: Results) -> None:
    bare = replace(
        results.timetable, meetings=tuple(replace(m, uid=m.uid.split("@")[0]) for m in results.timetable.meetings)
    )
    for variant in (results, replace(results, timetable=bare)):
        for book in everyones(variant):
            uids = [str(event["uid"]) for event in book.walk("VEVENT")]
            assert len(set(uids)) == len(uids)
            assert all(uid.count("@") == 1 for uid in uids), uids


def test_the_place_names_the_meeting_area_of_that_day_only(results: Results) -> None:
    timetable = results.timetable
    day = timetable.session.slots[0].start
    block = AgendaBlock("茶歇", "茶歇", day, day + timedelta(minutes=20), place="二层洽谈区")

    def places(start: datetime) -> set[str]:
        moved = replace(block, start=start, end=start + timedelta(minutes=20))
        changed = replace(timetable, session=replace(timetable.session, agenda=(moved,)))
        books = everyones(replace(results, timetable=changed))
        return {str(event["location"]) for book in books for event in book.walk("VEVENT")}

    assert all(place.startswith("二层洽谈区 ") for place in places(day))
    assert places(day + timedelta(days=30)) <= set(timetable.session.tables)


def test_the_description_says_what_about_why_and_what_to_bring(results: Results) -> None:
    described = [str(event["description"]) for book in everyones(results) for event in book.walk("VEVENT")]
    assert all(text.startswith("场景机会：") for text in described)
    assert any("\n为何匹配：" in text for text in described)
    assert any("\n请准备：" in text for text in described)
