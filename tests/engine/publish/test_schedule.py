"""What people see of a timetable: whole spans, one side's own list, pages without a script, codes that can be read."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from datetime import date, datetime, time
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
import zxingcpp
from icalendar import Calendar
from pdf_text import page_texts, squeezed
from sample_results import HOSTILE

from yingcheng.matchmaking.records import AgendaBlock, Desk, Meeting, Participant, Timetable, Unplaced
from yingcheng.matchmaking.timetable import build_session
from yingcheng.matchmaking.timetable.check import count_breaks
from yingcheng.matchmaking.timetable.schedule import Schedule, Talk, make_known
from yingcheng.publish.matchmaking import schedule_of
from yingcheng.publish.records import Results
from yingcheng.publish.schedule import BADGES, BOARD, BOOK, QUALITY, WEB, write_papers, write_screens
from yingcheng.publish.schedule.agenda_page import agenda_page
from yingcheng.publish.schedule.agendas import make_agendas
from yingcheng.publish.schedule.badges import MOST_BADGES, badges_pdf, qr_text
from yingcheng.publish.schedule.paper import quality_pdf, timetable_pdf
from yingcheng.publish.schedule.wall_board import wall_board

DAY = date(2026, 5, 20)
BASE = "https://example.cn/richeng"
BUREAU, FIRM, OTHER = "某市文化和旅游局（虚构）", "甲数字科技有限公司（虚构）", "乙文旅有限公司（虚构）"


def event(**more: object) -> Schedule:
    """A long meeting over three slots at table 1, a short one at table 2, one without a place."""
    tea = AgendaBlock(
        "茶歇",
        "茶歇",
        datetime.combine(DAY, time(10, 20)),
        datetime.combine(DAY, time(10, 40)),
        everyone=True,
        place="前厅",
    )
    stage = AgendaBlock(
        "文旅对话", "对话", datetime.combine(DAY, time(11)), datetime.combine(DAY, time(12)), (OTHER,), place="主会场"
    )
    session = build_session(DAY, [(time(9), time(11))], slot_minutes=20, tables=["1号桌", "2号桌"], agenda=[tea, stage])
    session = replace(session, desks=(Desk("A区"), Desk("B区")))
    people = (
        Participant("h", BUREAU, "政府部门", people=2),
        Participant("f", FIRM, "企业"),
        Participant("g", OTHER, "企业"),
        Participant("n", "无会谈单位（虚构）", "企业"),
    )
    meetings = (
        Meeting("long@yingcheng", "o1", "e1", ("h", "f"), 0, 0, 3),
        Meeting("short@yingcheng", "o1", "e2", ("h", "g"), 3, 1),
    )
    talks = (
        Talk(
            "o1", "e1", "一码游", FIRM, ("同属“智慧城市”赛道",), ("说明清单中未填的：投资额",), ("提供“系统集成”证书",)
        ),
        Talk("o1", "e2", "一码游", OTHER, ("需求与主营业务共有“文旅”",)),
        Talk("o2", "e2", "夜游汾河", OTHER),
    )
    left = (Unplaced("o2", "e2", "乙文旅有限公司（虚构）没有可用时段（缺席或在台上）"),)
    made = Timetable(session, people, meetings, left)
    made = replace(made, breaks=count_breaks(made))
    return make_known(replace(Schedule(made, date(2026, 5, 18), "某市对接会（虚构）", talks=talks), **more))  # type: ignore[arg-type]


class Page(HTMLParser):
    """What a browser would load, and the words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def pages_of(schedule: Schedule) -> list[str]:
    agendas = make_agendas(schedule)
    return [wall_board(schedule), *(agenda_page(a, schedule, calendar_file="甲 乙.ics") for a in agendas)]


def codes(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    return [found.text for page in document for found in zxingcpp.read_barcodes(page.render(scale=3).to_pil())]


def test_a_long_meeting_shows_its_whole_span_everywhere(tmp_path: Path) -> None:
    schedule = event()
    write_screens(schedule, tmp_path)
    write_papers(schedule, tmp_path)
    book = openpyxl.load_workbook(tmp_path / BOOK)
    board = [[cell.value for cell in row] for row in book["按桌位与时段"].iter_rows()]
    of_table_1 = [str(row[1]) for row in board if str(row[0]).startswith("05月20日")]
    assert [FIRM in text for text in of_table_1[:4]] == [True, True, True, False]
    assert all("09:00–10:00" in text for text in of_table_1[:3])
    assert ["（续）" in text for text in of_table_1[:3]] == [False, True, True]
    assert [row[1].value for row in book["按参会方"].iter_rows() if row[0].value == FIRM] == ["05月20日 09:00–10:00"]
    row = next(row for row in book["按单位"].iter_rows() if row[0].value == FIRM)
    assert [cell.value for cell in row[4:6]] == ["05月20日 09:00", "05月20日 10:00"]
    assert squeezed((tmp_path / "对接日程.pdf").read_bytes()).count("09:00–10:00") >= 6
    page = (tmp_path / BOARD).read_text("utf-8")
    assert page.count(FIRM) == 3
    assert page.count("进行中 09:00–10:00") == 2
    (calendar,) = (tmp_path / "个人日程").glob("甲*.ics")
    (meeting,) = Calendar.from_ical(calendar.read_bytes()).walk("VEVENT")
    assert (meeting["dtstart"].dt.hour, meeting["dtend"].dt.hour) == (9, 10)
    assert meeting["location"] == "A区 1号桌"
    assert "09:00–10:00" in calendar.with_suffix(".html").read_text("utf-8")


def test_each_side_sees_only_what_it_is_to_bring_itself() -> None:
    schedule = event()
    shown = {a.participant.name: agenda_page(a, schedule, calendar_file="x.ics") for a in make_agendas(schedule)}
    assert "投资额" in shown[BUREAU]
    assert "系统集成" not in shown[BUREAU]
    assert "系统集成" in shown[FIRM]
    assert "投资额" not in shown[FIRM]
    assert OTHER not in shown[FIRM], "and nobody else's meetings"
    assert "文旅对话" in shown[OTHER]
    assert "文旅对话" not in shown[FIRM], "only those on stage"
    assert all("茶歇" in text for text in shown.values())


def test_no_contact_reaches_what_is_published_of_the_timetable(results: Results, tmp_path: Path) -> None:
    schedule = replace(schedule_of(results), link_base=BASE)
    write_screens(schedule, tmp_path)
    write_papers(schedule, tmp_path)
    texts = [path.read_text("utf-8") for path in tmp_path.rglob("*") if path.suffix in {".html", ".ics", ".json"}]
    texts += [squeezed(path.read_bytes()) for path in tmp_path.rglob("*.pdf")]
    book = openpyxl.load_workbook(tmp_path / BOOK)
    texts += [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    assert len(texts) > 50
    for secret in ("0351-0000000", "13800000000", "a@example.com", "张某", "李某"):
        assert not [text for text in texts if secret in text], secret


def test_pages_load_nothing_run_nothing_and_allow_only_their_own_style(results: Results) -> None:
    for schedule in (event(), schedule_of(results)):
        for text in pages_of(schedule):
            page = Page(text)
            assert {tag for tag, _attributes in page.tags}.isdisjoint({"script", "img", "link", "iframe", "object"})
            assert not [a for _tag, attributes in page.tags for a in attributes if a == "style" or a.startswith("on")]
            policy = next(a["content"] for _t, a in page.tags if a.get("http-equiv") == "Content-Security-Policy")
            style = re.search(r"<style>(.*?)</style>", text, flags=re.DOTALL)
            assert style
            assert policy
            digest = b64encode(sha256(style[1].encode()).digest()).decode()
            assert f"style-src 'sha256-{digest}'" in policy
            assert "default-src 'none'" in policy
            assert "url(" not in style[1]
            links = [a.get("href") or "" for tag, a in page.tags if tag == "a"]
            assert all(link.startswith("#") or link.endswith(".ics") for link in links)


def test_what_people_wrote_is_never_markup() -> None:
    schedule = event()
    hostile = replace(schedule, talks=tuple(replace(talk, title=HOSTILE, why=(HOSTILE,)) for talk in schedule.talks))
    for text in pages_of(hostile):
        assert "<script" not in text
    assert any("&lt;script&gt;" in text for text in pages_of(hostile))
    assert timetable_pdf(hostile).startswith(b"%PDF")


def test_every_screen_of_the_board_can_be_reached_and_takes_its_turn() -> None:
    page = Page(wall_board(event()))
    screens = [a["id"] for tag, a in page.tags if tag == "section"]
    assert screens == ["t0", "t1", "t2", "t3", "t4"], "four slots with meetings and the tea break"
    targets = {a["id"] for _tag, a in page.tags if a.get("id")}
    links = {(a["href"] or "").removeprefix("#") for tag, a in page.tags if tag == "a"}
    assert links <= targets
    assert {*screens, "d0", "top"} <= links
    refresh = next(a["content"] for _tag, a in page.tags if a.get("http-equiv") == "refresh")
    assert int(str(refresh)) >= 12 * len(screens), "a whole round is seen before the page is read anew"


def test_many_tables_share_several_screens() -> None:
    session = build_session(DAY, [(time(9), time(9, 20))], slot_minutes=20, tables=[f"{n}号桌" for n in range(1, 31)])
    people = tuple(Participant(f"p{n}", f"参会方{n}") for n in range(60))
    meetings = tuple(Meeting(f"u{n}", "o", f"e{n}", (f"p{n}", f"p{n + 30}"), 0, n) for n in range(30))
    page = Page(wall_board(make_known(Schedule(Timetable(session, people, meetings), DAY))))
    counts = [int((a["class"] or "").split(" c")[1]) for tag, a in page.tags if tag == "ul" and "cards" in str(a)]
    assert counts == [12, 12, 6]
    assert "1/3" in "".join(page.words)


def test_codes_open_the_agenda_where_there_is_an_address() -> None:
    schedule = event(link_base=BASE)
    pdf = badges_pdf(schedule)
    assert pdf is not None
    read = codes(pdf)
    expected = [
        f"{BASE}/{a.token}.html" for a in make_agendas(schedule) for _ in range(a.participant.people) if a.invited
    ]
    assert sorted(read) == sorted(expected)
    assert len(read) == 4, "two badges for the two of the bureau"
    words = squeezed(pdf)
    assert words.count("姓名") == 5, "who has no meeting gets a badge too"


def test_without_an_address_codes_hold_the_agenda_itself() -> None:
    schedule = event()
    pdf = badges_pdf(schedule)
    assert pdf is not None
    read = codes(pdf)
    assert f"{FIRM}\n05-20 09:00–10:00 1号桌 {BUREAU}" in read
    assert f"{BUREAU}\n05-20 09:00–10:00 1号桌 {FIRM}\n10:00–10:20 2号桌 {OTHER}" in read


def test_a_long_day_still_fits_its_code() -> None:
    session = build_session(DAY, [(time(8), time(18))], slot_minutes=20, tables=["1号桌"])
    people = (
        Participant("h", BUREAU),
        *(Participant(f"f{n}", f"第{n}家数字科技股份有限公司（虚构）") for n in range(30)),
    )
    meetings = tuple(Meeting(f"u{n}", "o", f"e{n}", ("h", f"f{n}"), n, 0) for n in range(30))
    schedule = make_known(Schedule(Timetable(session, people, meetings), DAY))
    agenda = next(a for a in make_agendas(schedule) if a.participant.id == "h")
    text = qr_text(agenda, schedule)
    assert len(text.encode()) <= 666
    assert text.endswith("……其余见桌位屏")
    pdf = badges_pdf(schedule)
    assert pdf is not None
    assert text in codes(pdf)


def test_a_slip_in_the_number_of_people_prints_no_thousands() -> None:
    schedule = event()
    crowd = replace(schedule.timetable, participants=(replace(schedule.timetable.participants[0], people=5000),))
    alone = replace(schedule, timetable=replace(crowd, meetings=()), invitations=())
    pdf = badges_pdf(alone)
    assert pdf is not None
    assert squeezed(pdf).count("姓名") == MOST_BADGES


def test_the_folder_for_the_web_names_nobody(tmp_path: Path) -> None:
    write_screens(event(link_base=BASE), tmp_path)
    names = [path.name for path in (tmp_path / WEB).iterdir()]
    assert len(names) == 1 + 2 * 3
    assert all(re.fullmatch(r"board\.html|[0-9a-f]{20}\.(html|ics)", name) for name in names)
    for path in (tmp_path / WEB).glob("?" * 20 + ".html"):
        assert f'href="{path.stem}.ics"' in path.read_text("utf-8")
    assert not (tmp_path / "none" / WEB).exists()
    write_screens(event(), tmp_path / "none")
    assert not (tmp_path / "none" / WEB).exists()


def test_the_quality_report_is_one_page_whatever_the_event() -> None:
    schedule = event()
    pages = page_texts(quality_pdf(schedule))
    assert len(pages) == 1
    words = "".join(pages[0].split())
    for expected in (
        "排入2场",
        "应排3场",
        "未排入1场",
        "空档合计0处",
        "换桌合计1次",
        "没有可用时段",
        "夜游汾河",
        "run.json",
    ):
        assert expected in words, expected
    many = tuple(
        Unplaced(f"o{n}", f"e{n}", f"第{n}家企业" + "与需求单位没有共同的可用时段；其余时段的洽谈桌已满" * 3)
        for n in range(400)
    )
    crowded = replace(schedule, timetable=replace(schedule.timetable, unplaced=many))
    assert len(page_texts(quality_pdf(crowded))) == 1
    assert "另有390场" in squeezed(quality_pdf(crowded))


def test_breaks_are_told_per_party_and_the_bound_honestly() -> None:
    schedule = event()
    moved = replace(schedule.timetable.meetings[1], slot=4)
    made = replace(schedule.timetable, meetings=(schedule.timetable.meetings[0], moved))
    made = replace(made, breaks=count_breaks(made))
    assert made.breaks == 1
    words = squeezed(quality_pdf(replace(schedule, timetable=made)))
    assert "0处：2方，1处：1方" in words
    assert f"单方最多1：{BUREAU}" in words
    assert "任何排法不少于0，未证明不能更少" in words
    proven = replace(made, bound=1, proven=True)
    assert "已证明最少" in squeezed(quality_pdf(replace(schedule, timetable=proven)))


def test_writing_again_changes_nothing(tmp_path: Path) -> None:
    schedule = event(link_base=BASE)
    first = [*write_screens(schedule, tmp_path), *write_papers(schedule, tmp_path)]
    assert {BOOK, BADGES, QUALITY, BOARD} <= {path.name for path in first}
    assert write_screens(schedule, tmp_path) == []
    assert write_papers(schedule, tmp_path) == []
    assert not list(tmp_path.rglob("*.partial"))


@pytest.mark.parametrize("base", [BASE + "/", "https://例子.cn/日程"])
def test_addresses_are_ascii(base: str) -> None:
    schedule = event(link_base=base)
    for agenda in make_agendas(schedule):
        if agenda.invited:
            assert re.fullmatch(r"https://[!-~]+/[0-9a-f]{20}\.html", qr_text(agenda, schedule))
            assert "//" not in qr_text(agenda, schedule)[8:]
