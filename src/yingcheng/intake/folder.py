"""Reads every file of a programme folder into the records of the six steps, and accounts for every row."""

from __future__ import annotations

import gc
import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from yingcheng.capabilities.records import Enterprise
from yingcheng.cases.records import Case
from yingcheng.errors import UnreadableFile, UnusableInput
from yingcheng.findings import FileReport, Finding, Place, Severity, TableReport
from yingcheng.i18n import _
from yingcheng.intake.assemble.agenda import assemble_agenda
from yingcheng.intake.assemble.cases import assemble_cases
from yingcheng.intake.assemble.enterprises import assemble_enterprises
from yingcheng.intake.assemble.indicators import assemble_indicators
from yingcheng.intake.assemble.measures import assemble_measures
from yingcheng.intake.assemble.opportunities import assemble_opportunities
from yingcheng.intake.assemble.participants import assemble_participants
from yingcheng.intake.assemble.projects import assemble_projects
from yingcheng.intake.grid import OpenedFile, Sheet
from yingcheng.intake.mapping import MappedTable, Pin, load_pins, map_table
from yingcheng.intake.merge import merge_enterprises
from yingcheng.intake.readers import open_file
from yingcheng.intake.rows import RowSet, read_rows
from yingcheng.intake.tables import Table, TableRow, cell_text, find_tables
from yingcheng.matchmaking.records import AgendaBlock, Participant
from yingcheng.measures.records import Measure
from yingcheng.opportunities.records import Opportunity
from yingcheng.plan.records import IndicatorValue
from yingcheng.projects.records import Project

__all__ = ["Intake", "Progress", "is_input", "read_files", "read_folder", "read_sheets", "shown_name"]

Progress = Callable[[str, int, int], None]
"""Called with the name of a file, how many are done, and how many there are."""

_SETTINGS = ".toml"
_MAPPING = "mapping.toml"
_PACK = ".pack.json"
_OF_THE_DESKTOP = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini"})  # left behind by Windows
_MOST_AT_ONCE = 4
# what browsers and desktops add to the name of a second copy
_COPY = re.compile(r"(?:\s*[(（]\d+[)）]|\s*[-_—]?\s*(?:副本|拷贝|copy)\s*(?:[(（]?\d*[)）]?)?)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Intake:
    """Everything that was read, what is wrong with it, and what became of every file and row."""

    files: tuple[FileReport, ...]
    findings: tuple[Finding, ...]
    opportunities: tuple[Opportunity, ...] = ()
    enterprises: tuple[Enterprise, ...] = ()
    measures: tuple[Measure, ...] = ()
    indicators: tuple[IndicatorValue, ...] = ()
    cases: tuple[Case, ...] = ()
    projects: tuple[Project, ...] = ()
    participants: tuple[Participant, ...] = ()
    agenda: tuple[AgendaBlock, ...] = ()
    drafts: tuple[str, ...] = ()  # files that hold no material but a draft this software wrote, by their reported names

    @property
    def rows_in(self) -> int:
        """Data rows found in all tables."""
        return sum(file.rows_in for file in self.files)

    @property
    def rows_taken(self) -> int:
        """Data rows that went into a record."""
        return sum(file.rows_taken for file in self.files)

    @property
    def rows_refused(self) -> int:
        """Data rows left out, each with an ERROR finding of its own or of its table."""
        return sum(file.rows_refused for file in self.files)


@dataclass(slots=True)
class _File:
    """A file on its way: its report so far and its tables."""

    name: str
    sha256: str = ""
    size: int = 0
    format: str = ""
    refused: str = ""
    draft: bool = False
    tables: list[MappedTable] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Spares the search for cycles while records are made: there are none, and looking costs a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def read_folder(folder: Path, *, session: date | None = None, progress: Progress | None = None) -> Intake:
    """Reads a programme folder with everything below it.

    Left aside are settings (``*.toml``), packs (``*.pack.json``), README and ``*.md`` files, hidden files, and what
    desktops and office programs leave behind (``Thumbs.db``, lock files).
    ``mapping.toml`` in the folder pins mappings. ``session`` is the day of the matchmaking session where it is known:
    days and times of agendas and absences that do not say so themselves are of that day and year.

    Raises:
        UnusableInput: the folder does not exist or holds no file to read.
        SettingsError: ``mapping.toml`` is wrong.
    """
    if not folder.is_dir():
        raise UnusableInput(_("找不到文件夹"), where=str(folder), remedy=_("请检查路径。"))
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and is_input(path.relative_to(folder))]
    if not paths:
        raise UnusableInput(
            _("文件夹里没有可读的文件"), where=str(folder), remedy=_("请放入各单位报送的工作簿、Word 或 CSV 文件。")
        )
    mapping = folder / _MAPPING
    pinned = mapping if mapping.is_file() else None
    return read_files(paths, root=folder, mapping=pinned, session=session, progress=progress)


def is_input(path: Path) -> bool:
    """Whether a path below the folder is one of the files to read."""
    if any(part.startswith((".", "~$", ".~")) for part in path.parts) or path.name.lower() in _OF_THE_DESKTOP:
        return False
    name = path.name.lower()
    return not name.endswith((_SETTINGS, ".md", _PACK)) and not name.startswith("readme")


def read_files(
    paths: Sequence[Path],
    *,
    root: Path,
    mapping: Path | None = None,
    session: date | None = None,
    progress: Progress | None = None,
) -> Intake:
    """Reads the given files, in the given order.

    Args:
        paths: files of any kind; what cannot be read is refused alone and reported.
        root: names in the reports are relative to it.
        mapping: a ``mapping.toml``.
        session: the day of the matchmaking session, for days and times that name no year or day.
        progress: told before each file and once at the end.

    Raises:
        SettingsError: ``mapping`` is wrong.
    """
    pins = load_pins(mapping) if mapping is not None else ()
    files = [_File(_name(path, root)) for path in paths]
    first_of = _first_of(files, paths)
    # each file is opened by a process of its own; the threads only wait for them
    with ThreadPoolExecutor(max_workers=min(_MOST_AT_ONCE, os.cpu_count() or 1)) as pool:
        opening = [
            pool.submit(open_file, path, name=file.name) if _is_new(file, first_of) else None
            for file, path in zip(files, paths, strict=True)
        ]
        for done, (file, opened) in enumerate(zip(files, opening, strict=True)):
            if progress is not None:
                progress(file.name, done, len(files))
            if opened is not None:
                _read_file(file, opened, pins)
    for file in files:
        if (before := first_of.get(file.sha256)) is not None:
            file.format = before.format
    if progress is not None:
        progress("", len(files), len(files))
    with _collector_paused():
        return _assemble(files, session=session)


def read_sheets(sheets: Sequence[Sheet], *, pins: Sequence[Pin] = (), session: date | None = None) -> Intake:
    """The same for sheets already in memory; each distinct ``Sheet.file`` is one file of format ``sheet``."""
    files: dict[str, _File] = {}
    for sheet in sheets:
        file = files.setdefault(sheet.file, _File(sheet.file, format="sheet"))
        _read_sheet(file, sheet, pins)
    with _collector_paused():
        return _assemble(list(files.values()), session=session)


def _name(path: Path, root: Path) -> str:
    try:
        return shown_name(path.resolve().relative_to(root.resolve()))
    except ValueError:
        return shown_name(Path(path.name))


def shown_name(path: Path) -> str:
    """A path with / as people read it; names that are no UTF-8, as old archives leave them, are read as GB18030."""
    return "/".join(map(_shown_part, path.as_posix().split("/")))


def _shown_part(part: str) -> str:
    try:
        part.encode("utf-8")
    except UnicodeEncodeError:
        return os.fsencode(part).decode("gb18030", "replace")
    return part


def _first_of(files: Sequence[_File], paths: Sequence[Path]) -> dict[str, _File]:
    """Digest → the file that is read of all that hold the same bytes: the first whose name is not that of a copy."""
    first_of: dict[str, _File] = {}
    for file, path in zip(files, paths, strict=True):
        try:
            file.size, file.sha256 = _fingerprint(path, file.name)
        except UnreadableFile as error:
            _refuse(file, error)
            continue
        if not file.size:
            continue
        before = first_of.setdefault(file.sha256, file)
        if _is_copy(before) and not _is_copy(file):
            first_of[file.sha256] = file
    return first_of


def _is_copy(file: _File) -> bool:
    return _COPY.search(file.name.rsplit("/", 1)[-1].rsplit(".", 1)[0]) is not None


def _is_new(file: _File, first_of: Mapping[str, _File]) -> bool:
    """Whether a file is to be opened: readable, and not the same bytes as another one that is."""
    if file.refused:
        return False
    before = first_of.get(file.sha256, file)
    if before is file:
        return True
    file.findings.append(
        Finding(
            Severity.NOTICE,
            "file-repeated",
            Place(file.name),
            _("与“{file}”内容完全相同").format(file=before.name),
            _("每份文件报送一次"),
            _("只读入一次，无需处理。"),
        )
    )
    return False


def _read_file(file: _File, opening: Future[OpenedFile], pins: Sequence[Pin]) -> None:
    try:
        opened = opening.result()
    except UnreadableFile as error:
        _refuse(file, error)
        return
    file.format = opened.format
    file.draft = opened.draft
    file.findings.extend(opened.findings)
    for sheet in opened.sheets:
        _read_sheet(file, sheet, pins)


def _refuse(file: _File, error: UnreadableFile) -> None:
    file.refused = error.what
    file.findings.append(
        Finding(Severity.ERROR, error.code, Place(file.name), error.what, _("能打开的表格文件"), error.remedy)
    )


def _fingerprint(path: Path, name: str) -> tuple[int, str]:
    digest = hashlib.sha256()
    size = 0
    if not path.is_file():  # a pipe or device would never end; open_file says what it is
        return 0, ""
    try:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
                size += len(block)
    except OSError as error:
        raise UnreadableFile(
            _("无法读取：{reason}").format(reason=error.strerror or type(error).__name__),
            where=name,
            remedy=_("请检查文件是否存在、是否有读取权限。"),
        ) from error
    return size, digest.hexdigest()


def _read_sheet(file: _File, sheet: Sheet, pins: Sequence[Pin]) -> None:
    pin = next((pin for pin in pins if pin.matches(sheet.file, sheet.name)), None)
    found = find_tables(sheet, header_row=pin.header_row if pin else None)
    if pin is not None and pin.header_row is not None and not found.tables and found.findings:
        file.tables.append(_without_header(sheet, pin.header_row))
        file.findings.extend(file.tables[-1].findings)
        return
    file.findings.extend(found.findings)
    for table in found.tables:
        if not table.rows:
            file.findings.append(
                Finding(
                    Severity.NOTICE,
                    "table-empty",
                    Place(table.file, table.sheet, table.header_row),
                    "、".join(column.header for column in table.columns if column.header),
                    _("表头下面的数据行"),
                    _("表头下面没有数据；如漏填，请补充后重新报送。"),
                )
            )
            continue
        mapped = map_table(table, pin)
        file.findings.extend(mapped.findings)
        file.tables.append(mapped)


def _without_header(sheet: Sheet, header_row: int) -> MappedTable:
    """A sheet with nothing in the row that mapping.toml names as its header: every row is refused."""
    rows = tuple(
        TableRow(number, cells)
        for number, cells in enumerate(sheet.rows, start=sheet.first_row)
        if any(map(cell_text, cells))
    )
    finding = Finding(
        Severity.ERROR,
        "header-row-missing",
        Place(sheet.file, sheet.name, header_row),
        _("第 {row} 行没有内容").format(row=header_row),
        _("mapping.toml 的 header_row 指向表头所在的行"),
        _("请改正 header_row，或删去它。本表 {rows} 行均未采用。").format(rows=len(rows)),
    )
    return MappedTable(Table(sheet.file, sheet.name, "", header_row, (), rows), None, 0.0, (), (finding,))


def _assemble(files: Sequence[_File], *, session: date | None) -> Intake:
    """Rows become records, kind by kind; then every row is accounted for."""
    sets: dict[int, RowSet] = {}
    by_kind: dict[str, list[RowSet]] = {}
    for file in files:
        for mapped in file.tables:
            if mapped.kind is not None:
                rows = sets[id(mapped)] = read_rows(mapped)
                by_kind.setdefault(mapped.kind.name, []).append(rows)
    firms = [
        rows
        for file in files
        for mapped in file.tables
        if mapped.kind is not None and mapped.kind.name in {"enterprises", "capabilities"}
        for rows in [sets[id(mapped)]]
    ]
    agenda = assemble_agenda(by_kind.get("agenda", ()), session=session)
    days = tuple(sorted({block.start.date() for block in agenda}))
    enterprises, merging = merge_enterprises(assemble_enterprises(firms))
    opportunities = assemble_opportunities(by_kind.get("opportunities", ()))
    measures = assemble_measures(by_kind.get("measures", ()))
    indicators = assemble_indicators(by_kind.get("indicators", ()))
    cases = assemble_cases(by_kind.get("cases", ()))
    projects = assemble_projects(by_kind.get("projects", ()))
    participants = assemble_participants(by_kind.get("participants", ()), days=days, session=session)
    reports, findings = [], [*merging]
    for file in files:
        findings.extend(file.findings)
        tables = []
        for mapped in file.tables:
            rows_of_table = sets.get(id(mapped))
            if rows_of_table is not None:
                findings.extend(rows_of_table.findings)
            tables.append(_account(mapped, rows_of_table))
        reports.append(FileReport(file.name, file.sha256, file.size, file.format, file.refused, tuple(tables)))
    return Intake(
        files=tuple(reports),
        findings=_in_reading_order(findings, files),
        opportunities=opportunities,
        enterprises=enterprises,
        measures=measures,
        indicators=indicators,
        cases=cases,
        projects=projects,
        participants=participants,
        agenda=agenda,
        drafts=tuple(file.name for file in files if file.draft),
    )


def _account(mapped: MappedTable, rows: RowSet | None) -> TableReport:
    """What became of the rows of a table; a row that is neither taken nor refused is a bug of ours."""
    rows_in = len(mapped.table.rows)
    refused = rows_in if rows is None else len(rows.refused)
    taken = 0 if rows is None else sum(row.source.row not in rows.refused for row in rows.rows)
    if taken + refused != rows_in:
        raise RuntimeError(
            f"{mapped.table.file}/{mapped.table.sheet}: {rows_in} rows in, {taken} taken, {refused} refused"
        )
    return TableReport(
        file=mapped.table.file,
        sheet=mapped.table.sheet,
        kind=mapped.kind.name if mapped.kind else "",
        kind_score=round(mapped.score, 3),
        label=mapped.kind.label if mapped.kind else "",
        header_row=mapped.table.header_row,
        columns=tuple(column.report for column in mapped.columns),
        rows_in=rows_in,
        rows_taken=taken,
        rows_refused=refused,
    )


def _in_reading_order(findings: Sequence[Finding], files: Sequence[_File]) -> tuple[Finding, ...]:
    """By file, sheet, row and column as read; findings about one place keep their order."""
    position = {file.name: i for i, file in enumerate(files)}
    sheets: dict[tuple[str, str], int] = {}
    for file in files:
        for mapped in file.tables:
            sheets.setdefault((file.name, mapped.table.sheet), len(sheets))
    return tuple(
        sorted(
            findings,
            key=lambda f: (
                position.get(f.place.file, len(position)),
                sheets.get((f.place.file, f.place.sheet), -1),
                f.place.sheet,
                f.place.row,
                f.place.column,
            ),
        )
    )
