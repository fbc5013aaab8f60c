"""Rows of the landing ledger and of monthly forms → :class:`Project`; several months of one project become one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from yingcheng.findings import SourceRow
from yingcheng.i18n import _
from yingcheng.intake.assemble.opportunities import extra_of, tracks_of
from yingcheng.intake.cells import plain_text
from yingcheng.intake.identifiers import digest
from yingcheng.intake.rows import Row, RowSet
from yingcheng.projects.records import MonthEntry, Project, StageEvent
from yingcheng.standards.dates import find_month, month_order
from yingcheng.standards.names import company_key
from yingcheng.standards.stages import STAGES, STOPPED, read_stage, stage_dates

__all__ = ["assemble_projects"]

_DATES = (
    ("date_lead", "线索"),
    ("date_review", "初判"),
    ("date_contact", "对接"),
    ("date_intent", "意向"),
    ("date_signed", "签约"),
    ("date_registered", "注册"),
    ("date_started", "开工"),
    ("date_operating", "投产"),
    ("date_effective", "达效"),
)
# what a later month says replaces what an earlier one said
_MONTHLY = ("status", "progress", "result", "problem", "coordination", "next_step", "follower", "stopped_reason")
_IN_ENTRY = ("status", "progress", "result", "problem", "coordination", "next_step")
_LONGEST_NAME = 40
_FORM_TITLE = re.compile(r"(?:项目)?(?:月度)?(?:推进|进展|落地)?(?:情况)?(?:月报|月度表|推进表|进展表|台账|表)$")
_NOT_A_NAME = re.compile(r"^(?:sheet|工作表|表)\s*\d*$|^\d{4}年?(?:\d{1,2}月)?份?$", re.IGNORECASE)


# headings of one month in a wide ledger → what they report
_REPORTED = (
    ("阶段", "stage"),
    ("状态", "status"),
    ("下一步", "next_step"),
    ("下步", "next_step"),
    ("协调", "coordination"),
    ("问题", "problem"),
    ("困难", "problem"),
    ("结果", "result"),
    ("成果", "result"),
    ("进展", "progress"),
    ("推进", "progress"),
)


@dataclass(frozen=True, slots=True)
class _About:
    """What a table says about all its rows."""

    subject: str  # the project, where it is about one
    month: str
    months: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]  # see _wide_months
    names_no_stage: bool


def assemble_projects(tables: Sequence[RowSet]) -> tuple[Project, ...]:
    """One project per name and enterprise, in the order of first mention."""
    found: dict[str, list[Project]] = {}
    by_name: dict[str, list[str]] = {}
    for table in tables:
        about = _About(_subject(table), _month(table), _wide_months(table), _names_no_stage(table))
        for row in table.rows:
            project = _project(table, row, about)
            if project is None:
                continue
            key = _known_as(project, found, by_name.get(project.name, []))
            if key is None:
                found[project.id] = [project]
                by_name.setdefault(project.name, []).append(project.id)
            else:
                found[key].append(project)
    return tuple(_one_project(rows) for rows in found.values())


def _one_project(rows: Sequence[Project]) -> Project:
    """The rows of a project, oldest month first whatever order the files came in, become one."""
    oldest, *later = sorted(rows, key=lambda row: month_order(row.month))
    whole = oldest
    for row in later:
        whole = _join(whole, row)
    return replace(whole, id=rows[0].id, name=rows[0].name)


def _known_as(project: Project, found: dict[str, list[Project]], same_name: Sequence[str]) -> str | None:
    """The project this row continues: same name and firm, or the only one of that name where a firm is missing."""
    if project.id in found:
        return project.id
    if len(same_name) == 1 and not (project.enterprise and any(row.enterprise for row in found[same_name[0]])):
        return same_name[0]
    return None


def _subject(table: RowSet) -> str:
    """The project a monthly form without a name column is about: named by its title, sheet or file."""
    mapped = table.mapped
    names = {column.field.name for column in mapped.columns if column.field is not None}
    if names & {"name", "enterprise"}:
        return ""
    stem = mapped.table.file.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    for text in (*mapped.table.title.split("\n"), mapped.table.sheet, stem):
        name = text.split("项目名称：")[-1].split("项目名称:")[-1].strip()
        name = _FORM_TITLE.sub("", name).strip(" —-：:_")
        if name and not _NOT_A_NAME.match(name):
            return name
    return ""


def _month(table: RowSet) -> str:
    """The month the whole table reports on, as title, sheet or file name it; empty where none does."""
    stem = table.mapped.table.file.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    named = [find_month(text) for text in (table.mapped.table.title, table.mapped.table.sheet, stem)]
    return max(named, key=lambda month: (bool(month), "-" in month))


def _names_no_stage(table: RowSet) -> bool:
    """Whether the table has no column for a stage, a status or the date of a stage."""
    names = {column.field.name for column in table.mapped.columns if column.field is not None}
    return not names & {"stage", "status", *(name for name, _stage in _DATES)}


def _wide_months(table: RowSet) -> tuple[tuple[str, tuple[tuple[str, int], ...]], ...]:
    """Months named by the header (2025年9月 进展, 2025年9月 问题) with their fields and columns, oldest first."""
    months: dict[str, dict[str, int]] = defaultdict(dict)
    for column in table.mapped.columns:
        month = find_month(column.header)
        what = next((name for word, name in _REPORTED if month and word in column.header), "")
        if what:
            months[month].setdefault(what, column.index)
    return tuple((month, tuple(months[month].items())) for month in sorted(months, key=month_order))


def _wide_entries(table: RowSet, row: Row, about: _About) -> tuple[MonthEntry, ...]:
    """What a row of a wide ledger says, month by month; months without a word are left out."""
    if not about.months:
        return ()
    cells = next(one.cells for one in table.mapped.table.rows if one.number == row.source.row)
    entries = []
    for month, columns in about.months:
        said = {name: text for name, index in columns if (text := plain_text(cells[index]).strip())}
        if said:
            blank = dict.fromkeys(("stage", "status", "progress", "result", "problem", "coordination", "next_step"), "")
            reading = read_stage(said.get("stage") or said.get("status") or said.get("progress", ""))
            stage = reading.stage if reading is not None and reading.certain else ""
            entries.append(MonthEntry(month=month, **(blank | said | {"stage": stage}), source=row.source))
    return tuple(entries)


def _project(table: RowSet, row: Row, about: _About) -> Project | None:
    firm = row.firm("enterprise")
    enterprise = firm.name if firm else ""
    name = row.text("name") or about.subject or _derived_name(row, enterprise)
    if not name:
        table.refuse(
            row,
            "name-missing",
            row.text("progress") or row.text("status") or row.text("intro"),
            _("项目名称，或公司名称与落地场景"),
            _("请补充项目名称后重新报送；月度表请在标题中写明项目名称。"),
            name="name",
        )
        return None
    entries = _wide_entries(table, row, about)
    progress = entries[-1].progress if entries else row.text("progress")
    status = (entries[-1].status if entries else "") or row.text("status")
    events = _events(row, status, progress)
    stage, stopped = _stage(row, events, status)
    if about.names_no_stage:
        told = _stage_of_progress(table, row, progress, stage, entries[-1].stage if entries else "")
        if told != stage:
            stage, stopped = told, (told,)
    project = Project(
        id=digest("P-", name, company_key(enterprise) if enterprise else ""),
        name=name,
        enterprise=enterprise,
        enterprise_intro=row.text("enterprise_intro"),
        capability=row.text("capability"),
        category=row.text("category"),
        tracks=tracks_of(row, row.text("category")),
        intro=row.text("intro"),
        scenario=row.text("scenario"),
        opportunity=row.text("opportunity"),
        department=row.text("department"),
        investment=row.money("investment"),
        paid_in=row.money("paid_in"),
        period=row.period("period"),
        start_due=row.day("start_due"),
        stage=stage,
        events=(*events, *(StageEvent(s, None, row.source) for s in stopped)),
        status=status,
        progress=progress,
        result=row.text("result"),
        problem=row.text("problem"),
        coordination=row.text("coordination"),
        next_step=row.text("next_step"),
        follower=row.text("follower"),
        stopped_reason=row.text("stopped_reason"),
        is_new=row.flag("is_new"),
        fits_industry=row.flag("fits_industry"),
        extra=extra_of(row),
        sources=(row.source,),
    )
    if not entries:
        return replace(project, month=_full_month(row.text("month"), about.month))
    newest = entries[-1]
    reported = {name: getattr(newest, name) for name in _IN_ENTRY}
    reported["status"] = status
    return replace(project, **reported, month=newest.month, history=entries)


def _full_month(month: str, table_month: str) -> str:
    """The month of a row; where it has none or no year, the table's name helps out."""
    if month.isdigit() and len(month) == 2 and "-" in table_month:
        return f"{table_month[:4]}-{month}"
    return month or table_month


def _stage_of_progress(table: RowSet, row: Row, progress: str, dated: str, named: str) -> str:
    """The stage told by the progress alone, where the table has no column for stages; what is not plain is told."""
    order = (*STAGES, *STOPPED)
    if named and (not dated or order.index(named) >= order.index(dated)):
        return named
    reading = read_stage(progress)
    if dated and (reading is None or order.index(reading.stage) <= order.index(dated)):
        return dated
    if reading is None:
        table.warn(
            row,
            "stage-unknown",
            progress,
            _("标准阶段之一，如 对接、签约、开工、投产"),
            _("台账没有“阶段”列，推进情况中也没有读出阶段；请增加“阶段”列并填写。"),
            name="progress",
        )
        return ""
    if not reading.certain:
        table.warn(
            row,
            "stage-uncertain",
            progress,
            _("标准阶段之一；按“{stage}”读入").format(stage=reading.stage),
            _("阶段由推进情况推断，请核对，或增加“阶段”列。"),
            name="progress",
        )
    return reading.stage


def _derived_name(row: Row, enterprise: str) -> str:
    """A landing table names no project: firm and planned scenario together do."""
    what = row.text("scenario") or row.text("intro")
    first = what.split("\n")[0].split("。")[0][:_LONGEST_NAME]
    if enterprise and first:
        return f"{enterprise}—{first}"
    return first or enterprise


def _events(row: Row, status: str, progress: str) -> tuple[StageEvent, ...]:
    """The dated stages: by their columns, else by a day beside the stage in status or progress."""
    dated = {stage: day for name, stage in _DATES if (day := row.day(name)) is not None}
    for stage, day in (*stage_dates(status), *stage_dates(progress)):
        dated.setdefault(stage, day)
    known = [stage for stage in (*STAGES, *STOPPED) if stage in dated]
    return tuple(StageEvent(stage, dated[stage], row.source) for stage in known)


def _stage(row: Row, events: Sequence[StageEvent], status: str) -> tuple[str, tuple[str, ...]]:
    """The stage as named by the sheet, else the latest dated one; and 搁置 / 终止 where the status says so."""
    named = row.text("stage")
    if not named and status:
        reading = read_stage(status)
        named = reading.stage if reading is not None and reading.certain else ""
    reached = [event.stage for event in events]
    if named and named not in reached:
        return named, (named,)
    latest = max((stage for stage in reached if stage in STAGES), key=STAGES.index, default="")
    return named or latest, ()


def _join(known: Project, new: Project) -> Project:
    """A later row about a project: it replaces the monthly fields it fills in, all others only where still blank."""
    changes: dict[str, object] = {}
    for name in known.__dataclass_fields__:
        before, now = getattr(known, name), getattr(new, name)
        if before in ("", None, ()) or (name in (*_MONTHLY, "stage", "month") and now):
            changes[name] = now
    for name in ("id", "name", "extra", "events", "sources", "tracks", "history"):
        changes.pop(name, None)
    return replace(
        known,
        **changes,  # type: ignore[arg-type]
        tracks=tuple(dict.fromkeys((*known.tracks, *new.tracks))),
        events=_union(known.events, new),
        extra=tuple(dict.fromkeys((*known.extra, *new.extra, *_said_before(known)))),
        history=(*_entries(known), *_entries(new)),
        sources=_sources(known.sources, new.sources),
    )


def _union(known: Sequence[StageEvent], new: Project) -> tuple[StageEvent, ...]:
    """All events once. A stage without a date gives way where the newer row names a lower one."""
    stated = STAGES.index(new.stage) if new.stage in STAGES else len(STAGES)
    kept = [e for e in known if e.date is not None or e.stage not in STAGES or STAGES.index(e.stage) <= stated]
    dates = {(event.stage, event.date) for event in kept}
    return (*kept, *(event for event in new.events if (event.stage, event.date) not in dates))


def _entries(project: Project) -> tuple[MonthEntry, ...]:
    """What the rows of a project said, month by month."""
    if project.history or not project.month:
        return project.history
    said = {name: getattr(project, name) for name in _IN_ENTRY}
    return (MonthEntry(month=project.month, stage=project.stage, **said, source=project.sources[0]),)


def _said_before(older: Project) -> tuple[tuple[str, str], ...]:
    """What an earlier month said is kept, under its month."""
    if not older.month:
        return ()
    said = "；".join(text for text in (older.progress, older.problem, older.next_step) if text)
    return ((older.month, said),) if said else ()


def _sources(known: tuple[SourceRow, ...], new: tuple[SourceRow, ...]) -> tuple[SourceRow, ...]:
    return (*known, *(source for source in new if source not in known))
