import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import pytest
from sample_results import HOSTILE

from yingcheng.findings import Finding, Place, Severity
from yingcheng.publish import index
from yingcheng.publish.records import Deliverable, Results

DELIVERABLES = (
    Deliverable(1, "顶层策划（PDF）", Path("1-顶层策划/顶层策划.pdf"), summary="耦合协调度 0.654"),
    Deliverable(1, "城市定位", Path("1-顶层策划/图 #1 100%.svg"), picture=True, summary="太原市列第 41 位"),
    Deliverable(2, "清单" + HOSTILE, Path("2-场景机会清单/场景机会清单.xlsx")),
    *(Deliverable(5, f"参会方 {number}", Path(f"5-政企精准对接/个人日程/{number}.ics")) for number in range(20)),
    Deliverable(0, "白皮书", Path("白皮书.pdf")),
)
VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """Checks nesting and collects what the assertions need."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "th":
            return  # its end may be left out
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag != "th":
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


@pytest.fixture(scope="module")
def page(results: Results) -> Page:
    return Page(index.index_page(results, DELIVERABLES))


def test_every_deliverable_is_linked_and_addresses_survive_odd_names(page: Page) -> None:
    links = [unquote(link["href"] or "") for link in page.all("a")]
    assert {one.path.as_posix() for one in DELIVERABLES} <= set(links)
    assert not any("#1" in (link["href"] or "") for link in page.all("a")), "a # in a file name must be quoted"
    assert page.open == []


def test_page_needs_nothing_from_outside_and_no_script(results: Results) -> None:
    text = index.index_page(results, DELIVERABLES)
    assert "http:" not in text
    assert "https:" not in text
    assert "url(" not in text
    assert "@import" not in text
    assert "<script" not in text
    assert not re.search(r"\son\w+=", text)


def test_texts_of_people_are_escaped(page: Page) -> None:
    assert HOSTILE in page.words
    assert not page.all("script")


def test_page_is_accessible(page: Page) -> None:
    assert page.all("html")[0]["lang"] == "zh-CN"
    assert len(page.all("h1")) == 1
    levels = [int(tag[1]) for tag, _attributes in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(image["alt"] for image in page.all("img"))
    assert page.all("img")[0]["alt"] == "太原市列第 41 位"
    assert len(page.all("main")) == 1
    ids = [attributes["id"] for _tag, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert all(attributes["aria-labelledby"] in ids for _t, attributes in page.tags if "aria-labelledby" in attributes)


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_colours_have_contrast(results: Results) -> None:
    text = index.index_page(results, ())
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", text))
    for name in ("ink", "muted", "blue", "red", "gold"):
        for background in ("#ffffff", colours["faint"]):
            assert (luminance(background) + 0.05) / (luminance(colours[name]) + 0.05) >= 4.5, name


def test_six_steps_figures_findings_and_files_are_shown(page: Page, results: Results) -> None:
    for step in index.STEPS:
        assert step in page.words
    assert "本步没有成果。" in page.words
    assert "本批未收到" not in page.words
    assert "（共 12 条，首例）" in page.words
    assert page.words.index("每行须有机会名称") < page.words.index("姓名与电话分列") < page.words.index("确切金额")
    assert "missing-name" not in page.words, "codes are for the workbook"
    assert "拒绝：文件已加密，无法打开" in page.words
    assert all(report.file in page.words and report.sha256[:12] in page.words for report in results.files)
    assert "ICS 文件 20 个" in page.words


def test_contacts_in_findings_are_masked(results: Results) -> None:
    place = Place("a.xlsx", "Sheet1", 2, 3)
    texts = ("张某13800000000", "0351-0000000转1", "a.b@example.com", "区号缺失 7654321")
    found = tuple(
        Finding(Severity.WARNING, f"contact-{number}", place, text, "一格一项", "请分列")
        for number, text in enumerate(texts)
    )
    words = Page(index.index_page(replace(results, findings=found), ())).words
    for secret in ("13800000000", "0000000", "example.com", "7654321"):
        assert secret not in words.split("数据来源")[0]
    assert "张某〔已隐去〕" in words
    assert "约3.5亿元" in Page(index.index_page(results, ())).words, "what is no contact stays"


def test_page_is_the_same_every_time_and_holds_for_nothing(
    results: Results, empty_results: Results, tmp_path: Path
) -> None:
    (made,) = index.write(results, DELIVERABLES, tmp_path)
    assert (tmp_path / made.path).read_text(encoding="utf-8") == index.index_page(results, DELIVERABLES)
    words = Page(index.index_page(empty_results, ())).words
    assert "数据核验未发现问题" in words
    for what in ("场景机会", "政策举措", "企业资料", "落地项目台账"):
        assert f"本批未收到{what}。" in words


def test_what_senders_say_about_their_material_is_shown(results: Results) -> None:
    note = Finding(
        Severity.NOTICE, "note-row", Place("甲/政策.xlsx", "Sheet1", 9), "注：全部政策均为虚构。", "数据行", ""
    )
    other = Finding(Severity.NOTICE, "note-row", Place("甲/政策.xlsx", "Sheet1", 10), "注：请按时反馈。", "数据行", "")
    words = Page(index.index_page(replace(results, findings=(note, other)), ())).words
    assert "材料声明政策.xlsx：全部政策均为虚构。" in words
    assert "政策.xlsx：请按时反馈" not in words
