"""Calendars are valid RFC 5545: a time zone with a STANDARD part, one domain per UID, place and reason."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from icalendar import Calendar

from yingcheng.matchmaking.records import AgendaBlock
from yingcheng.publish.calendars import calendar
from yingcheng.publish.records import Results

STAMP = datetime.combine(date(2021, 5, 20), time())


def everyones(results: Results) -> list[Calendar]:
    titles = results.opportunity_names()
    timetable = results.timetable
    why = {(m.opportunity_id, m.enterprise_id): "同属“智慧城市”赛道" for m in timetable.meetings}
    made = [calendar(p, timetable, titles, stamp=STAMP, why=why) for p in timetable.participants]
    return [Calendar.from_ical(text) for text in made if b"BEGIN:VEVENT" in text]


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


def test_the_description_says_what_about_and_why(results: Results) -> None:
    event = everyones(results)[0].walk("VEVENT")[0]
    assert str(event["description"]).startswith("场景机会：")
    assert str(event["description"]).endswith("；为何匹配：同属“智慧城市”赛道")
