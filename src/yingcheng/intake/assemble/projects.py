"""Rows of the landing ledger and of monthly forms → :class:`Project`; several months of one project become one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from yingcheng.findings import SourceRow
from yingcheng.i18n import _
from yingcheng.intake.assemble.opportunities import extra_of, tracks_of
from yingcheng.intake.identifiers import digest
from yingcheng.intake.rows import Row, RowSet
from yingcheng.projects.records import Project, StageEvent
from yingcheng.standards.names import company_key
from yingcheng.standards.stages import STAGES, STOPPED, read_stage

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
_LONGEST_NAME = 40
_FORM_TITLE = re.compile(r"(?:项目)?(?:月度)?(?:推进|进展|落地)?(?:情况)?(?:月报|月度表|推进表|进展表|台账|表)$")
_NOT_A_NAME = re.compile(r"^(?:sheet|工作表|表)\s*\d*$|^\d{4}年?(?:\d{1,2}月)?份?$", re.IGNORECASE)


def assemble_projects(tables: Sequence[RowSet]) -> tuple[Project, ...]:
    """One project per name and enterprise, in the order of first mention."""
    found: dict[str, Project] = {}
    by_name: dict[str, list[str]] = {}
    for table in tables:
        subject = _subject(table)
        for row in table.rows:
            project = _project(table, row, subject)
            if project is None:
                continue
            key = _known_as(project, found, by_name.get(project.name, []))
            if key is None:
                found[project.id] = project
                by_name.setdefault(project.name, []).append(project.id)
            else:
                found[key] = _join(found[key], project)
    return tuple(found.values())


def _known_as(project: Project, found: dict[str, Project], same_name: Sequence[str]) -> str | None:
    """The project this row continues: same name and firm, or the only one of that name where a firm is missing."""
    if project.id in found:
        return project.id
    if len(same_name) == 1 and not (project.enterprise and found[same_name[0]].enterprise):
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


def _project(table: RowSet, row: Row, subject: str) -> Project | None:
    firm = row.firm("enterprise")
    enterprise = firm.name if firm else ""
    name = row.text("name") or subject or _derived_name(row, enterprise)
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
    events = _events(row)
    stage, stopped = _stage(row, events)
    return Project(
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
        status=row.text("status"),
        progress=row.text("progress"),
        result=row.text("result"),
        problem=row.text("problem"),
        coordination=row.text("coordination"),
        next_step=row.text("next_step"),
        follower=row.text("follower"),
        month=row.text("month"),
        stopped_reason=row.text("stopped_reason"),
        is_new=row.flag("is_new"),
        fits_industry=row.flag("fits_industry"),
        extra=extra_of(row),
        sources=(row.source,),
    )


def _derived_name(row: Row, enterprise: str) -> str:
    """A landing table names no project: firm and planned scenario together do."""
    what = row.text("scenario") or row.text("intro")
    first = what.split("\n")[0].split("。")[0][:_LONGEST_NAME]
    if enterprise and first:
        return f"{enterprise}—{first}"
    return first or enterprise


def _events(row: Row) -> tuple[StageEvent, ...]:
    return tuple(StageEvent(stage, day, row.source) for name, stage in _DATES if (day := row.day(name)) is not None)


def _stage(row: Row, events: Sequence[StageEvent]) -> tuple[str, tuple[str, ...]]:
    """The stage as named by the sheet, else the latest dated one; and 搁置 / 终止 where the status says so."""
    named = row.text("stage")
    if not named and row.text("status"):
        reading = read_stage(row.text("status"))
        named = reading.stage if reading is not None and reading.certain else ""
    if named in STOPPED:
        return named, (named,)
    reached = [event.stage for event in events]
    if named and named not in reached:
        return named, (named,)
    latest = max(reached, key=STAGES.index, default="")
    return named or latest, ()


def _join(known: Project, new: Project) -> Project:
    """One more row about a project: a later month replaces the monthly fields, everything else is filled in."""
    later = new.month >= known.month if new.month and known.month else not known.month
    changes: dict[str, object] = {}
    for name in known.__dataclass_fields__:
        before, now = getattr(known, name), getattr(new, name)
        if before in ("", None, ()) or (later and name in (*_MONTHLY, "stage", "month") and now):
            changes[name] = now
    for name in ("id", "name", "extra", "events", "sources", "tracks"):
        changes.pop(name, None)
    older = known if later else new
    return replace(
        known,
        **changes,  # type: ignore[arg-type]
        tracks=tuple(dict.fromkeys((*known.tracks, *new.tracks))),
        events=_union(known.events, new.events),
        extra=tuple(dict.fromkeys((*known.extra, *new.extra, *_history(older)))),
        sources=_sources(known.sources, new.sources),
    )


def _union(known: Sequence[StageEvent], new: Sequence[StageEvent]) -> tuple[StageEvent, ...]:
    dates = {(event.stage, event.date) for event in known}
    return (*known, *(event for event in new if (event.stage, event.date) not in dates))


def _history(older: Project) -> tuple[tuple[str, str], ...]:
    """What an earlier month said is kept, under its month."""
    if not older.month:
        return ()
    said = "；".join(text for text in (older.progress, older.problem, older.next_step) if text)
    return ((older.month, said),) if said else ()


def _sources(known: tuple[SourceRow, ...], new: tuple[SourceRow, ...]) -> tuple[SourceRow, ...]:
    return (*known, *(source for source in new if source not in known))
