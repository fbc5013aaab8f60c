"""The score sheet (考核办法) as data: a TOML file of formulas over the ledger, each figure opening to its rows.

A complete file::

    title = "招商引资季度考核（示例）"
    source = "某市招商引资工作考核办法（文号）"   # where the formulas were published
    effective = 2025-01-01                     # in force from

    [period]                                   # optional: only stages reached between these days count
    start = 2026-01-01
    end = 2026-03-31

    [targets]                                  # plain numbers; each key becomes a name for the formulas
    "新引进项目数目标" = 12                       # TOML asks for quotes around Chinese keys; without them it works too
    "签约金额目标" = 60                           # amounts are in 亿元

    [given."弄虚作假项目数"]                       # figures the ledger does not hold
    value = 0
    source = "督查通报"

    [[quantities]]                             # optional: further counts and sums over the ledger
    name = "十亿元以上签约项目数"
    stage = "签约"                              # projects that reached it; left out: every project
    measure = "个数"                            # 个数 (default) / 计划投资 / 到位资金 / 日期数
    at_least = 10                              # planned investment in 亿元, inclusive
    below = 50                                 # exclusive

    [[lines]]
    name = "新引进项目数"
    formula = "新引进项目数 ÷ 新引进项目数目标 × 30"
    full = 30                                  # full points, counted in the full score
    cap = 30                                   # optional: no more than this (default: full)
    floor = 0                                  # optional: no less than this (default: none)
    source = "第三条"                           # optional

    [[lines]]
    name = "重大项目加分"
    formula = "十亿元以上签约项目数 × 4"
    cap = 8                                    # without full: a bonus (or, with a negative formula, a deduction)

Formulas may use numbers, percentages (``50%``), ``+ - * / × ÷``, brackets of every kind, ``min(…)`` and ``max(…)``
(also ``最小值 最大值``), the names of ``[targets]``, ``[given]`` and ``[[quantities]]``, the rates,
and the ledger's own quantities (``data/quantities.toml``): 项目数 对接个数 意向数 签约个数 注册个数 开工个数 投产个数
达效个数 签约金额 计划投资额 实际到位资金 新引进项目数 契合项目数 对接场次 超时限未开工项目数 搁置项目数 终止项目数
签约率 履约率 开工率 投产率 资金到位率. Amounts are in 亿元, rates are shares (0 … 1). A quantity nobody reported is
unknown: its line has no points rather than 0.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from rapidfuzz import fuzz, process

from yingcheng.errors import SettingsError
from yingcheng.i18n import _
from yingcheng.projects.formula import Expression, FormulaFault, parse_formula
from yingcheng.projects.funnel import RATES, in_yi, rates
from yingcheng.projects.ledger import reached, stage_date
from yingcheng.projects.records import Assessment, AssessmentLine, Overdue, Project
from yingcheng.standards.datafiles import read_toml
from yingcheng.standards.stages import STAGES, STOPPED

__all__ = [
    "AssessmentFormula",
    "Figure",
    "Given",
    "LineRule",
    "QuantityRule",
    "load_formula",
    "measure_quantity",
    "score",
]

MEASURES = ("个数", "计划投资", "到位资金", "日期数")


@dataclass(frozen=True, slots=True)
class QuantityRule:
    """A count or sum over the ledger; the fields are those of ``[[quantities]]``."""

    name: str
    stage: str = ""
    measure: str = "个数"
    new: bool = False
    fits: bool = False
    stopped: str = ""
    overdue: str = ""
    at_least: Decimal | None = None  # planned investment, 亿元
    below: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """A figure the ledger does not hold, with where it is from."""

    name: str
    value: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class LineRule:
    """One line of the score sheet."""

    name: str
    expression: Expression
    full: Decimal | None = None
    cap: Decimal | None = None
    floor: Decimal | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class AssessmentFormula:
    """A score sheet as loaded."""

    title: str
    source: str
    effective: date | None
    start: date | None
    end: date | None
    targets: tuple[tuple[str, Decimal], ...]
    given: tuple[Given, ...]
    quantities: tuple[QuantityRule, ...]
    lines: tuple[LineRule, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity with the projects behind it. ``value`` is ``None`` where nobody reported what it needs."""

    value: Decimal | None
    rows: tuple[str, ...] = ()
    note: str = ""


@cache
def standard_quantities() -> tuple[QuantityRule, ...]:
    """The ledger's own quantities (``data/quantities.toml``)."""
    return tuple(QuantityRule(**entry) for entry in read_toml("quantities.toml", room="projects")["quantities"])


def load_formula(path: Path) -> AssessmentFormula:
    """Load a formula file; the schema stands at the top of this module.

    Raises:
        SettingsError: the file cannot be read or is wrong; ``faults`` lists everything that is wrong with it.
    """
    try:
        data = _parse(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            _("考核公式文件无法读取"),
            where=path.name,
            remedy=_("请检查文件是否存在、是否为 UTF-8 编码的 TOML。"),
            faults=(str(error),),
        ) from error
    reader = _Reader(data)
    formula = reader.read()
    if reader.faults:
        raise SettingsError(
            _("考核公式文件有{count}处错误").format(count=len(reader.faults)),
            where=path.name,
            remedy=_("请逐条修改后重试。"),
            faults=tuple(reader.faults),
        )
    return formula


_BARE_KEY = re.compile(r"^([ \t]*)([^\s\"'#=\[\].]*[^\x00-\x7f\s\"'#=\[\].]+[^\s\"'#=\[\].]*)([ \t]*=)", re.MULTILINE)
_BARE_TABLE = re.compile(r"^([ \t]*\[(?:given\.)?)([^\s\"'#=\[\].]*[^\x00-\x7f\]]+)(\])", re.MULTILINE)


def _parse(text: str) -> dict[str, object]:
    """Read TOML; Chinese keys that were left without quotes get them."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        quoted = _BARE_TABLE.sub(r'\1"\2"\3', _BARE_KEY.sub(r'\1"\2"\3', text))
        if quoted == text:
            raise
        return tomllib.loads(quoted)


class _Reader:
    """Reads the file's tables and collects every fault instead of stopping at the first."""

    def __init__(self, data: Mapping[str, object]) -> None:
        self.data = data
        self.faults: list[str] = []

    def read(self) -> AssessmentFormula:
        """The formula; only to be used where :attr:`faults` stayed empty."""
        self._keys(self.data, ("title", "source", "effective", "period", "targets", "given", "quantities", "lines"), "")
        period = self._table(self.data, "period")
        self._keys(period, ("start", "end"), "[period] ")
        start, end = self._day(period, "start"), self._day(period, "end")
        if start and end and start > end:
            self.faults.append(_("[period] 的 start 晚于 end"))
        targets = self._targets()
        given = self._given()
        quantities = tuple(map(self._quantity, self._tables("quantities")))
        self._names(
            [*(name for name, _value in targets), *(item.name for item in given), *(q.name for q in quantities)]
        )
        known = {
            *(rule.name for rule in standard_quantities()),
            *RATES,
            *(name for name, _value in targets),
            *(item.name for item in given),
            *(rule.name for rule in quantities),
        }
        entries = self._tables("lines")
        if not entries:
            self.faults.append(_("没有 [[lines]]：至少要有一行得分公式"))
        lines = tuple(line for entry in entries if (line := self._line(entry, sorted(known))) is not None)
        return AssessmentFormula(
            self._text(self.data, "title", "") or "考核得分",
            self._text(self.data, "source", ""),
            self._day(self.data, "effective"),
            start,
            end,
            targets,
            given,
            quantities,
            lines,
        )

    def _keys(self, table: Mapping[str, object], allowed: Sequence[str], where: str) -> None:
        for key in table:
            if key not in allowed:
                self.faults.append(where + _("没有“{key}”这一项").format(key=key) + _did_you_mean(key, allowed))

    def _table(self, table: Mapping[str, object], key: str) -> Mapping[str, object]:
        value = table.get(key, {})
        if isinstance(value, dict):
            return value
        self.faults.append(_("“{key}”应写成 [{key}] 一节").format(key=key))
        return {}

    def _tables(self, key: str) -> list[Mapping[str, object]]:
        value = self.data.get(key, [])
        if isinstance(value, list) and all(isinstance(entry, dict) for entry in value):
            return value
        self.faults.append(_("“{key}”应写成若干个 [[{key}]]").format(key=key))
        return []

    def _text(self, table: Mapping[str, object], key: str, where: str) -> str:
        value = table.get(key, "")
        if isinstance(value, str):
            return value.strip()
        self.faults.append(where + _("“{key}”应是文字").format(key=key))
        return ""

    def _day(self, table: Mapping[str, object], key: str) -> date | None:
        value = table.get(key)
        if value is None or type(value) is date:
            return value
        self.faults.append(_("“{key}”应是日期，如 2026-03-31，不加引号").format(key=key))
        return None

    def _number(self, table: Mapping[str, object], key: str, where: str) -> Decimal | None:
        value = table.get(key)
        if value is None:
            return None
        number = Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None
        if number is None or not number.is_finite():
            self.faults.append(where + _("“{key}”应是数字").format(key=key))
            return None
        return number

    def _flag(self, table: Mapping[str, object], key: str, where: str) -> bool:
        value = table.get(key, False)
        if isinstance(value, bool):
            return value
        self.faults.append(where + _("“{key}”应是 true 或 false").format(key=key))
        return False

    def _one_of(self, table: Mapping[str, object], key: str, allowed: Sequence[str], where: str) -> str:
        value = self._text(table, key, where)
        if value and value not in allowed:
            self.faults.append(
                where
                + _("“{key}”应是 {allowed} 之一，现为“{value}”").format(
                    key=key, allowed="、".join(allowed), value=value
                )
            )
            return ""
        return value

    def _targets(self) -> tuple[tuple[str, Decimal], ...]:
        table = self._table(self.data, "targets")
        found = ((name, self._number(table, name, "[targets] ")) for name in table)
        return tuple((_normal(name), value) for name, value in found if value is not None)

    def _given(self) -> tuple[Given, ...]:
        table = self._table(self.data, "given")
        found = []
        for name in table:
            entry = self._table(table, name)
            where = f"[given.{name}] "
            self._keys(entry, ("value", "source"), where)
            value = self._number(entry, "value", where)
            if "value" not in entry:
                self.faults.append(where + _("缺少 value"))
            if value is not None:
                found.append(Given(_normal(name), value, self._text(entry, "source", where)))
        return tuple(found)

    def _quantity(self, entry: Mapping[str, object]) -> QuantityRule:
        name = self._text(entry, "name", "[[quantities]] ")
        where = f"[[quantities]] {name} "
        self._keys(entry, tuple(QuantityRule.__dataclass_fields__), where)
        if not name:
            self.faults.append(where + _("缺少 name"))
        return QuantityRule(
            _normal(name),
            self._one_of(entry, "stage", STAGES, where),
            self._one_of(entry, "measure", MEASURES, where) or MEASURES[0],
            self._flag(entry, "new", where),
            self._flag(entry, "fits", where),
            self._one_of(entry, "stopped", STOPPED, where),
            self._one_of(entry, "overdue", ("开工", "投产"), where),
            self._number(entry, "at_least", where),
            self._number(entry, "below", where),
        )

    def _names(self, names: Sequence[str]) -> None:
        """Own names must be usable in a formula and must not hide each other or the ledger's."""
        taken = {*(rule.name for rule in standard_quantities()), *RATES}
        for name in names:
            if name and not name.isidentifier():
                self.faults.append(_("名称“{name}”不能用于公式：不要以数字开头，不要含空格和符号").format(name=name))
            if name in taken:
                self.faults.append(_("名称“{name}”已被使用，请换一个").format(name=name))
            taken.add(name)

    def _line(self, entry: Mapping[str, object], known: Sequence[str]) -> LineRule | None:
        name = self._text(entry, "name", "[[lines]] ")
        where = f"[[lines]] {name} "
        self._keys(entry, ("name", "formula", "full", "cap", "floor", "source"), where)
        text = self._text(entry, "formula", where)
        if not name or not text:
            self.faults.append(where + _("name 和 formula 都要填写"))
            return None
        full, cap, floor = (self._number(entry, key, where) for key in ("full", "cap", "floor"))
        if cap is not None and floor is not None and cap < floor:
            self.faults.append(where + _("cap 小于 floor"))
        try:
            expression = parse_formula(text)
        except FormulaFault as fault:
            self.faults.append(f"{where}{fault}")
            return None
        for unknown in expression.names:
            if unknown not in known:
                self.faults.append(
                    where + _("没有名为“{name}”的量").format(name=unknown) + _did_you_mean(unknown, known)
                )
        return LineRule(name, expression, full, full if cap is None else cap, floor, self._text(entry, "source", where))


def _normal(name: str) -> str:
    """Names as the formula language compares them."""
    return unicodedata.normalize("NFKC", name).strip()


def _did_you_mean(name: str, known: Sequence[str]) -> str:
    close = process.extract(name, known, scorer=fuzz.ratio, limit=3, score_cutoff=50)
    return _("；您是否要写：{names}？").format(names="、".join(word for word, _score, _index in close)) if close else ""


def measure_quantity(
    rule: QuantityRule,
    projects: Sequence[Project],
    overdue: Sequence[Overdue],
    *,
    start: date | None = None,
    end: date | None = None,
) -> Figure:
    """Count or sum one quantity. With a period, a stage counts where it is dated within it.

    A mark (新引进, 产业契合) or an amount that no project reports makes the figure unknown; where some lack it, the
    note says how many were left out.
    """
    notes: list[str] = []
    chosen = list(projects)
    if rule.overdue:
        late = {item.project_id for item in overdue if item.stage == rule.overdue}
        chosen = [project for project in chosen if project.id in late]
    if rule.stopped:
        chosen = [project for project in chosen if project.stage == rule.stopped]
    if rule.stage:
        chosen = [project for project in chosen if reached(project) >= STAGES.index(rule.stage)]
        chosen = _within(chosen, rule.stage, start, end, notes)
    checks: tuple[tuple[bool, str, Callable[[Project], bool | None]], ...] = (
        (rule.new, "是否新引进", lambda project: project.is_new),
        (rule.fits, "产业契合", lambda project: project.fits_industry),
        (rule.at_least is not None or rule.below is not None, "投资额", lambda project: _sized(project, rule)),
    )
    for wanted, label, mark in checks:
        if wanted:
            kept = _marked(chosen, label, mark, notes)
            if kept is None:
                return Figure(None, (), "；".join(notes))
            chosen = kept
    return _measured(rule, chosen, notes)


def _within(
    projects: Sequence[Project], stage: str, start: date | None, end: date | None, notes: list[str]
) -> list[Project]:
    if start is None and end is None:
        return list(projects)
    days = [(project, stage_date(project, stage)) for project in projects]
    undated = sum(day is None for _project, day in days)
    if undated:
        notes.append(f"{undated}个项目没有{stage}日期，无法归入考核期，未计入")
    return [project for project, day in days if day is not None and (start or day) <= day <= (end or day)]


def _marked(
    projects: Sequence[Project], label: str, mark: Callable[[Project], bool | None], notes: list[str]
) -> list[Project] | None:
    """Projects with the mark; ``None`` where there are projects and none of them says yes or no."""
    silent = sum(mark(project) is None for project in projects)
    if projects and silent == len(projects):
        notes.append(f"所有项目都未填“{label}”")
        return None
    if silent:
        notes.append(f"{silent}个项目未填“{label}”，未计入")
    return [project for project in projects if mark(project)]


def _sized(project: Project, rule: QuantityRule) -> bool | None:
    size = in_yi(project.investment)
    if size is None:
        return None
    return (rule.at_least is None or size >= rule.at_least) and (rule.below is None or size < rule.below)


def _measured(rule: QuantityRule, projects: Sequence[Project], notes: list[str]) -> Figure:
    ids = tuple(project.id for project in projects)
    if rule.measure == "个数":
        return Figure(Decimal(len(projects)), ids, "；".join(notes))
    if rule.measure == "日期数":
        days = {day for project in projects if (day := stage_date(project, rule.stage)) is not None}
        if projects and not days:
            return Figure(None, ids, "；".join([*notes, f"所有项目都没有{rule.stage}日期"]))
        return Figure(Decimal(len(days)), ids, "；".join(notes))
    label = "投资额" if rule.measure == "计划投资" else "到位资金"
    amounts = [in_yi(project.investment if rule.measure == "计划投资" else project.paid_in) for project in projects]
    known = [amount for amount in amounts if amount is not None]
    if projects and not known:
        return Figure(None, ids, "；".join([*notes, f"所有项目都未填“{label}”"]))
    if len(known) < len(amounts):
        notes.append(f"{len(amounts) - len(known)}个项目未填“{label}”，未计入")
    rows = tuple(project_id for project_id, amount in zip(ids, amounts, strict=True) if amount is not None)
    return Figure(sum(known, Decimal(0)), rows, "；".join(notes))


def score(formula: AssessmentFormula, projects: Sequence[Project], overdue: Sequence[Overdue]) -> Assessment:
    """Evaluate every line over the ledger.

    ``value`` is the formula's own result, ``points`` the same within cap and floor, both rounded to four decimals.
    """
    figures = _figures(formula, projects, overdue)
    lines = tuple(_score_line(line, figures) for line in formula.lines)
    points = [line.points for line in lines if line.points is not None]
    full = [line.full for line in formula.lines if line.full is not None]
    known = round(sum(points), 4)
    return Assessment(
        formula.title,
        formula.effective,
        lines,
        known if len(points) == len(lines) else None,
        known,
        float(sum(full)) if full else None,
        formula.source,
    )


def _figures(
    formula: AssessmentFormula, projects: Sequence[Project], overdue: Sequence[Overdue]
) -> Mapping[str, Figure]:
    figures = {
        rule.name: measure_quantity(rule, projects, overdue, start=formula.start, end=formula.end)
        for rule in (*standard_quantities(), *formula.quantities)
    }
    everyone = tuple(project.id for project in projects)
    for name, rate in rates(projects, overdue):
        if name not in figures:
            figures[name] = Figure(
                None if rate is None else Decimal(str(rate)), everyone, "" if rate is not None else "分母为0"
            )
    figures |= {name: Figure(value) for name, value in formula.targets}
    figures |= {
        item.name: Figure(item.value, (), f"{item.name}来源：{item.source or '考核文件'}") for item in formula.given
    }
    return figures


def _score_line(line: LineRule, figures: Mapping[str, Figure]) -> AssessmentLine:
    used = {name: figures[name] for name in line.expression.names}
    rows = tuple(dict.fromkeys(row for figure in used.values() for row in figure.rows))
    notes = [figure.note for figure in used.values() if figure.note]
    values = {name: figure.value for name, figure in used.items() if figure.value is not None}
    lacking = [name for name in used if name not in values]
    result = None
    if lacking:
        notes.append(f"缺少：{'、'.join(lacking)}")
    else:
        result = line.expression.evaluate(values)
        if result is None:
            notes.append("除数为0，无法计算")
    points = result
    if points is not None and line.cap is not None:
        points = min(points, line.cap)
    if points is not None and line.floor is not None:
        points = max(points, line.floor)
    return AssessmentLine(
        line.name,
        line.expression.text,
        _rounded(result),
        _rounded(points),
        None if line.full is None else float(line.full),
        line.source,
        rows,
        "；".join(dict.fromkeys(notes)),
    )


def _rounded(value: Decimal | None) -> float | None:
    return None if value is None else round(float(value), 4)
