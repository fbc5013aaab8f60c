"""The ledger: monthly rows of the same project → one project with its stages, dates and history."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

from yingcheng.findings import Finding, Place, Severity
from yingcheng.i18n import _
from yingcheng.projects.records import MonthEntry, Project, StageEvent
from yingcheng.standards.dates import month_order
from yingcheng.standards.names import company_key
from yingcheng.standards.stages import STAGES, STOPPED
from yingcheng.standards.text import one_line

__all__ = ["Ledger", "is_stopped", "keep_ledger", "reached", "stage_date"]

# What a monthly row reports anew: taken as a whole from the newest row, so that a problem that is gone does not linger.
MONTHLY = ("month", "status", "progress", "result", "problem", "coordination", "next_step")
JOINED = ("events", "sources", "history", "extra")


# The column a stage's date is read from (落地项目 of the reading vocabulary).
DATE_FIELDS = dict(
    zip(
        STAGES,
        (
            "date_lead",
            "date_review",
            "date_contact",
            "date_intent",
            "date_signed",
            "date_registered",
            "date_started",
            "date_operating",
            "date_effective",
        ),
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class Ledger:
    """One entry per project, in the order of first appearance."""

    projects: tuple[Project, ...]
    findings: tuple[Finding, ...]


def reached(project: Project) -> int:
    """Index in :data:`STAGES` of the furthest stage reached; −1 where none is known. Earlier stages count as passed."""
    named = [event.stage for event in project.events] + [project.stage]
    return max((STAGES.index(stage) for stage in named if stage in STAGES), default=-1)


def is_stopped(project: Project) -> bool:
    """Whether the project is shelved or ended."""
    return project.stage in STOPPED


def stage_date(project: Project, stage: str) -> date | None:
    """The day a stage was reached, where it is known."""
    return next((event.date for event in project.events if event.stage == stage and event.date is not None), None)


def keep_ledger(projects: Sequence[Project], *, as_of: date) -> Ledger:
    """Merge the rows of each project and put its stages in order.

    Rows belong together where enterprise and project name agree, or the id and the name. The newest month decides
    what is reported monthly and the stage; every other field keeps its newest value that is not blank; events are
    united, a newer date for the same stage replacing the older. A date after ``as_of`` is a plan, not an event.
    """
    findings: list[Finding] = []
    merged = []
    for rows in _distinct_ids(_groups(projects), findings):
        project = _merge(rows, findings)
        project = _place_stages(project, as_of, findings)
        _compare_months(project, findings)
        merged.append(project)
    return Ledger(tuple(merged), tuple(findings))


def _name_key(project: Project) -> tuple[str, str]:
    return one_line(project.name).replace(" ", ""), company_key(project.enterprise) if project.enterprise else ""


def _groups(projects: Sequence[Project]) -> list[list[Project]]:
    """Rows that speak of the same project, in order of first appearance."""
    groups: list[list[Project]] = []
    by_id: dict[tuple[str, str], list[Project]] = {}
    by_name: dict[tuple[str, str], list[Project]] = {}
    for project in projects:
        name, enterprise = _name_key(project)
        group = by_id.get((project.id, name))
        if group is None and name and enterprise:
            group = by_name.get((name, enterprise))
        if group is None:
            group = []
            groups.append(group)
        group.append(project)
        by_id.setdefault((project.id, name), group)
        if name and enterprise:
            by_name.setdefault((name, enterprise), group)
    return groups


def _distinct_ids(groups: list[list[Project]], findings: list[Finding]) -> Iterator[list[Project]]:
    """Two projects under one id: the later one gets a suffix, so that figures still open to the right rows."""
    seen: dict[str, str] = {}
    for rows in groups:
        first = rows[0]
        number = first.id
        suffix = 1
        while number in seen:
            suffix += 1
            number = f"{first.id}-{suffix}"
        if number != first.id:
            findings.append(
                Finding(
                    Severity.WARNING,
                    "project-id-twice",
                    _place(first, "serial"),
                    first.id,
                    _("每个项目一个编号；该编号已用于“{name}”").format(name=seen[first.id]),
                    _("已临时编为 {id}，请核对编号。").format(id=number),
                )
            )
        seen[number] = first.name
        yield [replace(row, id=number) for row in rows]


def _place(project: Project, field: str = "") -> Place:
    return project.sources[-1].place(field) if project.sources else Place("", "", 0, 0)


def _merge(rows: list[Project], findings: list[Finding]) -> Project:
    ordered = sorted(rows, key=lambda row: month_order(row.month))
    newest = ordered[-1]
    values: dict[str, object] = {}
    for field in fields(Project):
        if field.name in MONTHLY or field.name in JOINED:
            continue
        given = [value for row in ordered if (value := getattr(row, field.name)) not in (None, "", ())]
        if given:
            values[field.name] = given[-1]
    history = [entry for row in ordered for entry in row.history or _entry(row)]
    reported = next((row for row in reversed(ordered) if any(getattr(row, name) for name in MONTHLY)), newest)
    return replace(
        newest,
        **values,  # type: ignore[arg-type]  # each value was read from the field of its own name
        **{name: getattr(reported, name) for name in MONTHLY},
        events=_unite_events(ordered, findings),
        sources=tuple(dict.fromkeys(source for row in ordered for source in row.sources)),
        extra=tuple(dict(pair for row in ordered for pair in row.extra).items()),
        history=tuple(history),
    )


def _entry(row: Project) -> Iterator[MonthEntry]:
    if row.month:
        yield MonthEntry(
            row.month,
            row.stage,
            row.status,
            row.progress,
            row.result,
            row.problem,
            row.coordination,
            row.next_step,
            row.sources[0] if row.sources else None,
        )


def _unite_events(ordered: list[Project], findings: list[Finding]) -> tuple[StageEvent, ...]:
    """One event per stage. A stage named in an older row only, without a date, gives way to a newer, lower stage."""
    united: dict[str, StageEvent] = {}
    for row in ordered:
        stated = STAGES.index(row.stage) if row.stage in STAGES else -1
        if stated >= 0:
            _take_back(united, row, stated, findings)
        for event in _events(row):
            old = united.get(event.stage)
            if old is not None and old.date is not None and event.date is None:
                continue
            if old is not None and old.date is not None and event.date != old.date:
                findings.append(
                    Finding(
                        Severity.NOTICE,
                        "stage-date-changed",
                        _event_place(event, row),
                        f"{event.stage} {event.date}",
                        _("与此前填报的 {date} 一致").format(date=old.date),
                        _("已采用较新的日期，请核对。"),
                    )
                )
            united[event.stage] = event
    return tuple(sorted(united.values(), key=lambda event: (*STAGES, *STOPPED).index(event.stage)))


def _events(row: Project) -> tuple[StageEvent, ...]:
    """The row's events; the stage it names is one of them even where the reader gave it no date."""
    if not row.stage or any(event.stage == row.stage for event in row.events):
        return row.events
    return (*row.events, StageEvent(row.stage, None, row.sources[0] if row.sources else None))


def _take_back(united: dict[str, StageEvent], row: Project, stated: int, findings: list[Finding]) -> None:
    for stage in [*united]:
        if stage in STAGES and STAGES.index(stage) > stated and united[stage].date is None:
            del united[stage]
            findings.append(
                Finding(
                    Severity.WARNING,
                    "stage-taken-back",
                    _place(row, "stage"),
                    row.stage,
                    _("不早于此前填报的阶段“{stage}”").format(stage=stage),
                    _("已采用较新的阶段；若填错请更正。"),
                )
            )


def _event_place(event: StageEvent, project: Project) -> Place:
    source, field = event.source, DATE_FIELDS.get(event.stage, "stage")
    return source.place(field) if source else _place(project, field)


def _place_stages(project: Project, as_of: date, findings: list[Finding]) -> Project:
    """Drop what is only planned, settle the latest stage, and note what does not add up."""
    happened = []
    for event in project.events:
        if event.date is not None and event.date > as_of:
            findings.append(
                Finding(
                    Severity.NOTICE,
                    "stage-in-future",
                    _event_place(event, project),
                    f"{event.stage} {event.date}",
                    _("不晚于 {day} 的日期").format(day=as_of),
                    _("按计划处理，未计入已到达的阶段。"),
                )
            )
        else:
            happened.append(event)
    placed = replace(project, events=tuple(happened), stage=_current_stage(project.stage, happened))
    _check_order(placed, findings)
    return placed


def _current_stage(stated: str, happened: Sequence[StageEvent]) -> str:
    """A stop that was stated or came last; else the furthest stage reached; empty where nothing is known."""
    if stated in STOPPED:
        return stated
    stops = [event for event in happened if event.stage in STOPPED]
    if stops and stated not in STAGES and not _went_on(happened, stops[-1]):
        return stops[-1].stage
    furthest = max((STAGES.index(event.stage) for event in happened if event.stage in STAGES), default=-1)
    return STAGES[furthest] if furthest >= 0 else ""


def _went_on(events: Sequence[StageEvent], stop: StageEvent) -> bool:
    """Whether a stage is dated after the stop: the project was taken up again."""
    return stop.date is not None and any(
        event.date is not None and event.date > stop.date for event in events if event.stage in STAGES
    )


def _check_order(project: Project, findings: list[Finding]) -> None:
    dated = [event for event in project.events if event.stage in STAGES and event.date is not None]
    for before, after in itertools.pairwise(dated):
        if before.date is not None and after.date is not None and after.date < before.date:
            findings.append(
                Finding(
                    Severity.WARNING,
                    "stage-order",
                    _event_place(after, project),
                    f"{after.stage} {after.date}",
                    _("不早于“{stage}”的 {date}").format(stage=before.stage, date=before.date),
                    _("请核对“{name}”的阶段日期。").format(name=project.name),
                )
            )
    if project.stage and stage_date(project, project.stage) is None:
        findings.append(
            Finding(
                Severity.NOTICE,
                "stage-undated",
                _where_named(project),
                project.stage,
                _("该阶段的日期"),
                _("请补填“{name}”到达“{stage}”的日期。").format(name=project.name, stage=project.stage),
            )
        )


def _where_named(project: Project) -> Place:
    """The cell that names the project's stage, in the newest row that does."""
    entries = [entry.source for entry in project.history if entry.stage == project.stage]
    events = [event.source for event in project.events if event.stage == project.stage]
    source = next((source for source in (*reversed(entries), *events) if source is not None), None)
    return source.place("stage") if source else _place(project, "stage")


def _compare_months(project: Project, findings: list[Finding]) -> None:
    """Tell what the newest month changed."""
    if len(project.history) < 2:
        return
    before, now = project.history[-2:]
    source = now.source
    place = source.place("stage") if source else _place(project, "stage")
    if before.stage and now.stage and before.stage != now.stage:
        what = f"{before.stage}→{now.stage}"
    elif before.progress != now.progress and now.progress:
        what = _("推进情况有更新：{text}").format(text=now.progress)
        place = source.place("progress") if source else _place(project, "progress")
    else:
        return
    findings.append(
        Finding(
            Severity.NOTICE,
            "ledger-changed",
            place,
            _("“{name}”较 {month}：{what}").format(name=project.name, month=before.month, what=what),
            _("与此前月份的台账对照"),
            _("按较新的月份读入，请核对。"),
        )
    )
    if before.stage in STAGES and now.stage in STAGES and STAGES.index(now.stage) < STAGES.index(before.stage):
        _tell_taken_back(project, before.stage, now.stage, place, findings)


def _tell_taken_back(project: Project, before: str, now: str, place: Place, findings: list[Finding]) -> None:
    told = any(finding.code == "stage-taken-back" and finding.place == place for finding in findings)
    if told or stage_date(project, before) is not None:
        return
    findings.append(
        Finding(
            Severity.WARNING,
            "stage-taken-back",
            place,
            now,
            _("不早于此前填报的阶段“{stage}”").format(stage=before),
            _("已采用较新的阶段；若填错请更正。"),
        )
    )
