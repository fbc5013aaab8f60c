"""② 场景机会清单 as workbook, Word document, CSV and OCDS package."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path

from yingcheng.opportunities.disclosure import reach_through
from yingcheng.opportunities.records import Opportunity, OpportunityList
from yingcheng.publish import charts
from yingcheng.publish.document import Column as WordColumn
from yingcheng.publish.document import OfficialDocument
from yingcheng.publish.ocds import release_package
from yingcheng.publish.pictures import write_pictures
from yingcheng.publish.records import STEP_FOLDERS, Deliverable, Results
from yingcheng.publish.wording import origin, written
from yingcheng.publish.workbook import Column, Table, Value, write_workbook
from yingcheng.standards.tracks import TRACKS

__all__ = ["write"]

_STEP = 2
_NAME = "场景机会清单"
_NO_ENTRIES = "本批材料未包含场景机会。"
_CONTACT_NOTE = "联系人与联系方式只在报送表载明同意公开时列出；其余请与需求单位或牵头部门联系。"

_PUBLISHED = (
    Column("序号", 6, "centre"),
    Column("赛道", 12),
    Column("场景机会名称", 28),
    Column("需求单位", 20),
    Column("牵头部门", 16),
    Column("需求内容", 46),
    Column("主要技术", 24),
    Column("建设基础与开放资源", 26),
    Column("预期目标", 26),
    Column("合作方式", 14),
    Column("投资额", 14),
    Column("时限", 14),
    Column("区域", 14),
    Column("联系方式", 24),
)


def _published_row(number: int, opportunity: Opportunity) -> tuple[Value, ...]:
    return (
        number,
        "、".join(opportunity.tracks),
        opportunity.name,
        opportunity.unit,
        opportunity.lead,
        "\n".join(text for text in (opportunity.summary, opportunity.need) if text),
        opportunity.technology,
        "\n".join(text for text in (opportunity.foundation, opportunity.resources) if text),
        "\n".join(text for text in (opportunity.expected, opportunity.acceptance) if text),
        "、".join(opportunity.modes),
        written(opportunity.investment),
        written(opportunity.period),
        opportunity.region.path if opportunity.region else opportunity.region_text,
        reach_through(opportunity),
    )


def _nothing_published(listed: OpportunityList) -> str:
    """Why the published list is empty."""
    return "本批没有达到发布条件的场景机会，原因见工作簿“核验情况”。" if listed.opportunities else _NO_ENTRIES


def _published(listed: OpportunityList, title: str) -> Table:
    rows = [_published_row(number, opportunity) for number, opportunity in enumerate(listed.published, start=1)]
    return Table(
        "发布清单", title, _PUBLISHED, rows, notes=(_CONTACT_NOTE,), freeze=3, empty=_nothing_published(listed)
    )


def _reviewed(listed: OpportunityList) -> Table:
    columns = (
        Column("编号", 16),
        Column("场景机会名称", 28),
        Column("需求单位", 20),
        Column("完整度", 8, "percent"),
        Column("是否可发布", 11, "centre"),
        Column("暂不发布原因", 36),
        Column("缺少内容", 26),
        Column("赛道", 14),
        Column("赛道建议依据", 28),
        Column("来源", 40),
    )
    rows = [
        (
            opportunity.id,
            opportunity.name,
            opportunity.unit,
            review.completeness,
            "可发布" if review.publishable else "暂不发布",
            "；".join(review.blockers),
            "、".join(review.missing),
            "、".join(opportunity.tracks),
            "；".join(f"{suggestion.track}（{suggestion.reason}）" for suggestion in review.suggestions),
            origin(opportunity.sources),
        )
        for opportunity, review in zip(listed.opportunities, listed.reviews, strict=True)
    ]
    return Table("核验情况", "场景机会核验情况（内部使用）", columns, rows, freeze=2, empty=_NO_ENTRIES)


def _duplicates(listed: OpportunityList) -> Table:
    columns = (
        Column("组", 6, "centre"),
        Column("编号", 16),
        Column("场景机会名称", 30),
        Column("需求单位", 22),
        Column("建议", 10, "centre"),
        Column("组内最低相似度", 12, "percent"),
        Column("不同之处", 30),
        Column("来源", 40),
    )
    by_id = {opportunity.id: opportunity for opportunity in listed.opportunities}
    rows: list[tuple[Value, ...]] = []
    for number, group in enumerate(listed.duplicates, start=1):
        for member in group.opportunity_ids:
            opportunity = by_id[member]
            advice = "保留" if member == group.keep else "核并"
            place = origin(opportunity.sources)
            rows.append(
                (
                    number,
                    member,
                    opportunity.name,
                    opportunity.unit,
                    advice,
                    group.similarity,
                    "、".join(group.differs) or "内容相同",
                    place,
                )
            )
    notes = ("相似不等于重复：请报送单位确认后核并。完整度最高的一条建议保留。",)
    empty = "未发现疑似重复的场景。" if listed.opportunities else _NO_ENTRIES
    return Table("疑似重复", "跨部门疑似重复的场景", columns, rows, notes=notes, freeze=3, empty=empty)


def _safe_for_csv(value: Value) -> str:
    """Excel and WPS run a cell that begins like a formula; an apostrophe keeps it text (OWASP CSV injection)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _write_csv(path: Path, header: Iterable[str], rows: Iterable[Iterable[Value]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows([_safe_for_csv(value) for value in row] for row in rows)


_WORD = (
    WordColumn("序号", 0.5, "centre"),
    WordColumn("场景机会名称", 1.8),
    WordColumn("需求单位", 1.5),
    WordColumn("合作需求", 4),
    WordColumn("合作方式", 1),
    WordColumn("投资额", 1.1),
    WordColumn("时限", 1),
    WordColumn("联系方式", 1.6),
)

_NO_TRACK = "其他"

_WORD_TEXT = 300
"""Characters of the need shown in the Word list; the workbook holds all of it."""


def _document(results: Results, title: str) -> OfficialDocument:
    """The published list as an official Word document, one table per track.

    The numbers are those of the workbook; an entry of several tracks stands under its first.
    """
    document = OfficialDocument(title, as_of=results.as_of, author=results.name, landscape=True)
    document.subtitle(f"{results.name}　{results.as_of.year}年{results.as_of.month}月{results.as_of.day}日")
    by_track: dict[str, list[tuple[int, Opportunity]]] = {}
    for number, opportunity in enumerate(results.opportunities.published, start=1):
        track = opportunity.tracks[0] if opportunity.tracks else _NO_TRACK
        by_track.setdefault(track, []).append((number, opportunity))
    if by_track:
        count = len(results.opportunities.published)
        document.note(f"共 {count} 项，按首个赛道归类；序号与工作簿“发布清单”一致。")
    else:
        document.note(_nothing_published(results.opportunities))
    for track in (*(track for track in TRACKS if track in by_track), *([_NO_TRACK] if _NO_TRACK in by_track else ())):
        document.heading(f"{track}（{len(by_track[track])} 项）")
        rows = []
        for number, opportunity in by_track[track]:
            need = opportunity.need or opportunity.summary
            need = need if len(need) <= _WORD_TEXT else need[:_WORD_TEXT] + "…（全文见工作簿）"
            modes, period = "、".join(opportunity.modes), written(opportunity.period)
            unit, money = opportunity.unit or opportunity.lead, written(opportunity.investment)
            rows.append((number, opportunity.name, unit, need, modes, money, period, reach_through(opportunity)))
        document.table(_WORD, rows)
    if by_track:
        document.note(_CONTACT_NOTE)
    return document


def write(results: Results, out: Path) -> tuple[Deliverable, ...]:
    """Write the list in all its forms below ``out``."""
    folder = out / STEP_FOLDERS[_STEP]
    folder.mkdir(parents=True, exist_ok=True)
    listed = results.opportunities
    title = f"{results.city}场景机会清单　{results.batch}".rstrip()
    published = _published(listed, title)
    count = f"可发布 {len(published.rows)} 项，共收到 {len(listed.opportunities)} 项"
    if not listed.opportunities:
        count = "本批未收到场景机会"

    workbook = folder / f"{_NAME}.xlsx"
    write_workbook(workbook, [published, _reviewed(listed), _duplicates(listed)], title=title, as_of=results.as_of)
    paper = folder / f"{_NAME}.docx"
    _document(results, title).write(paper)
    table = folder / f"{_NAME}.csv"
    _write_csv(table, (column.header for column in _PUBLISHED), published.rows)
    package = folder / f"{_NAME}.ocds.json"
    text = json.dumps(release_package(results), ensure_ascii=False, indent=1, sort_keys=True)
    package.write_text(text + "\n", encoding="utf-8")
    pictures = {
        "各赛道机会数": lambda: results.gallery.draw(charts.opportunities_by_track, listed),
        "各单位机会数": lambda: results.gallery.draw(charts.opportunities_by_department, listed),
    }
    return (
        Deliverable(_STEP, f"{_NAME}（工作簿）", workbook.relative_to(out), summary=count),
        Deliverable(_STEP, f"{_NAME}（Word）", paper.relative_to(out)),
        Deliverable(_STEP, f"{_NAME}（CSV）", table.relative_to(out)),
        Deliverable(_STEP, f"{_NAME}（OCDS 1.1.5 开放数据）", package.relative_to(out)),
        *write_pictures(_STEP, pictures, out),
    )
