"""Reads one cell as its field's type asks: a value, and what is wrong with it.

Every reader takes the cell as found on the sheet. The text that could not be read is never lost: the record keeps it,
and the issue says what was expected. Readings are cached per column, since a column repeats its values.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from yingcheng.findings import Severity
from yingcheng.i18n import _
from yingcheng.intake.grid import CellValue
from yingcheng.intake.tables import cell_text
from yingcheng.standards.contacts import read_consent, read_contact
from yingcheng.standards.credit_code import CreditCode, read_credit_code
from yingcheng.standards.dates import Period, parse_date, parse_period
from yingcheng.standards.industries import Industry, find_industry
from yingcheng.standards.money import parse_money
from yingcheng.standards.names import read_company_name
from yingcheng.standards.qualifications import read_qualifications
from yingcheng.standards.stages import read_stage
from yingcheng.standards.text import clean, one_line, split_values
from yingcheng.standards.tracks import ROLES, read_roles, read_tracks

__all__ = [
    "TEXT_TYPES",
    "ColumnReader",
    "Firm",
    "Issue",
    "People",
    "Reading",
    "SectorText",
    "TrackText",
    "plain_text",
    "read_cell",
    "read_line",
    "read_person",
    "read_text",
]

NOT_GIVEN = frozenset(
    {
        "n/a",
        "na",
        "/",
        "\\",
        "-",
        "--",
        "—",
        "——",
        "－",
        "无",
        "暂无",
        "待定",
        "未定",
        "待补充",
        "null",
        "none",
        "nan",
        "…",
    }
)
_NOTHING = frozenset({"n/a", "null", "/", "—", "——", "-"})  # in a text column; there 无 is an answer
_FALSE = frozenset(
    {"否", "无", "不", "没有", "未", "正常", "未见异常", "无异常", "×", "✗", "x", "n", "no", "false", "0"}
) | {
    "不公开",
    "不同意",
    "未列入",
}
_TRUE = frozenset(
    {"是", "有", "√", "✓", "✔", "y", "yes", "true", "1", "异常", "公开", "同意", "已列入", "可公开", "同意公开"}
)
_WHOLE = re.compile(r"\d[\d,，]*(?:\.0+)?")
_LARGEST = 10**15  # a larger number is a slip of the keyboard, and no longer exact
_FIGURE = re.compile(r"^[约≈]?\s*(-?\d[\d,，]*(?:\.\d+)?)\s*[%％]?$")
_BEHIND_NAME = re.compile(
    r"(?:[（(\[]?\s*(?:电话|手机|邮箱)\s*[:：]?\s*)?[（(+]?\d|[A-Za-z0-9._%+-]+@|[（(\[]?\s*(?:不|可|同意|对外)*(?:予|以)?公开|保密"
)
_AROUND_NAME = " \n\t,，、;；:：/（(-—"
_MOBILE = re.compile(r"1[3-9]\d{9}")
_PLAIN_EMAIL = re.compile(r"[a-z0-9][a-z0-9._-]{0,40}@[a-z0-9-]+(?:\.[a-z0-9-]+){1,3}")
# Chinese characters and punctuation, ASCII letters, digits and signs: cleaning leaves such a text as it is
_NEEDS_NO_CLEANING = re.compile(r"[\u4e00-\u9fff，。；：！？、（）《》“”A-Za-z0-9@.,;:%()+-]+").fullmatch
_LONGEST_NOTHING = max(len(word) for word in _NOTHING)
_MONTH = re.compile(r"^(?:(\d{4})\s*[年\-/.]\s*)?(\d{1,2})\s*月?份?$")
_MONTH_RUN_TOGETHER = re.compile(r"^(\d{4})(0[1-9]|1[0-2])$")


@dataclass(frozen=True, slots=True)
class Issue:
    """What is wrong with a cell: severity, code, what was expected, what to do."""

    severity: Severity
    code: str
    expected: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The value of a cell, ``None`` where none could be read, and its issues."""

    value: object
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Firm:
    """A company cell: the name, and the qualifications noted behind it."""

    name: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class People:
    """A cell about people: whom, telephone numbers, e-mail addresses, and whether the cell itself allows publishing."""

    persons: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    consent: bool | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class SectorText:
    """An industry cell: the class where it was recognised, and the words."""

    industry: Industry | None
    text: str


@dataclass(frozen=True, slots=True)
class TrackText:
    """A track cell: the tracks it names, and the words."""

    tracks: tuple[str, ...]
    text: str


def _warning(code: str, expected: str, remedy: str) -> tuple[Issue, ...]:
    return (Issue(Severity.WARNING, code, expected, remedy),)


def _notice(code: str, expected: str, remedy: str) -> tuple[Issue, ...]:
    return (Issue(Severity.NOTICE, code, expected, remedy),)


def plain_text(cell: CellValue) -> str:
    """The cell as clean text, line breaks kept; one written out as backslash and n becomes one."""
    if isinstance(cell, str) and _NEEDS_NO_CLEANING(cell):
        return cell
    text = cell_text(cell)
    if "\\n" in text:
        text = text.replace("\\r", "").replace("\\n", "\n")
    return clean(text) if text else ""


def _is_not_given(text: str) -> bool:
    return not text or text.casefold() in NOT_GIVEN


def read_text(cell: CellValue) -> str:
    """A text cell; what only says that nothing was given is empty."""
    text = plain_text(cell)
    return "" if len(text) <= _LONGEST_NOTHING and text.casefold() in _NOTHING else text


def read_line(cell: CellValue) -> str:
    """A text cell on one line."""
    text = read_text(cell)
    return one_line(text) if "\n" in text else text


def _text(cell: CellValue, _unit: str) -> Reading:
    return Reading(read_text(cell))


def _line(cell: CellValue, _unit: str) -> Reading:
    return Reading(read_line(cell))


def _serial(cell: CellValue, _unit: str) -> Reading:
    text = one_line(plain_text(cell))
    return Reading(text[:-2] if re.fullmatch(r"\d+\.0", text) else text)


def _list(cell: CellValue, _unit: str) -> Reading:
    text = plain_text(cell)
    return Reading(() if _is_not_given(text) else split_values(text))


def _number(cell: CellValue, _unit: str) -> Reading:
    text = plain_text(cell)
    if _is_not_given(text):
        return Reading(None)
    found = _WHOLE.findall(text)
    last = float(found[-1].replace(",", "").replace("，", "")) if found else 0.0
    if not found or last > _LARGEST or (isinstance(cell, int | float) and abs(cell) > _LARGEST):
        return Reading(
            None, _warning("number-unreadable", _("一个整数，如 120"), _("请填写阿拉伯数字；无法提供请留空。"))
        )
    value = int(last)
    if len(found) > 1 or not re.fullmatch(r"\D{0,3}\d[\d,，]*(?:\.0+)?\D{0,3}", text):
        return Reading(
            value,
            _warning(
                "number-uncertain",
                _("一个整数；按 {value} 读入").format(value=value),
                _("请只填写一个阿拉伯数字。"),
            ),
        )
    return Reading(value)


def _figure(cell: CellValue, _unit: str) -> Reading:
    if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) <= _LARGEST:
        return Reading(float(cell))
    text = plain_text(cell)
    if _is_not_given(text):
        return Reading(None)
    match = _FIGURE.match(text)
    value = float(match.group(1).replace(",", "").replace("，", "")) if match else 0.0
    if match is None or abs(value) > _LARGEST:
        return Reading(
            None, _warning("figure-unreadable", _("一个数值，如 4153.25"), _("请只填写数字，单位写在表头。"))
        )
    return Reading(value)


def _bool(cell: CellValue, _unit: str) -> Reading:
    text = one_line(plain_text(cell)).casefold()
    if not text:
        return Reading(None)
    if text in _FALSE:
        return Reading(False)
    if text in _TRUE:
        return Reading(True)
    if text in NOT_GIVEN:
        return Reading(None)
    return Reading(None, _warning("yes-no-unreadable", _("“是”或“否”"), _("请只填“是”或“否”；不清楚请留空。")))


def _money(cell: CellValue, unit: str) -> Reading:
    text = plain_text(cell)
    if not text or text in {"/", "-", "—", "——"}:
        return Reading(None)
    money = parse_money(text, unit_hint=unit)
    if money.certain or (money.low == 0 and money.high == 0):  # nothing needs no unit
        return Reading(money)
    expected = _("金额与单位，如 3.5亿元、3000-5000万元")
    if money.low is None and money.high is None:
        return Reading(money, _warning("amount-unreadable", expected, _("请填写数字和单位；未定请写“面议”。")))
    note = money.note or _("部分内容未能读懂")
    return Reading(money, _warning("amount-uncertain", expected, _("请核对：{note}。").format(note=note.rstrip("。"))))


def _period(cell: CellValue, _unit: str) -> Reading:
    if cell is None:
        return Reading(None)
    text = plain_text(cell)
    if _is_not_given(text):
        return Reading(None)
    period = parse_period(text if isinstance(cell, str | bool) else cell)
    if period is None or period.certain:
        return Reading(period)
    return Reading(
        period,
        _warning(
            "time-uncertain",
            _("日期或起止时间，如 2026-06-30、2024-2026、2025年底前"),
            _("请核对：{note}。").format(note=(period.note or _("未能完全读懂")).rstrip("。")),
        ),
    )


def _date(cell: CellValue, _unit: str) -> Reading:
    if cell is None:
        return Reading(None)
    text = plain_text(cell)
    if _is_not_given(text):
        return Reading(None)
    value: str | int | float | date = text if isinstance(cell, str | bool) else cell
    day = parse_date(value)
    if day is not None:
        return Reading(day)
    period: Period | None = parse_period(value)
    if period is not None and period.start is not None and period.precision != "open":
        return Reading(
            period.start,
            _warning(
                "date-imprecise",
                _("年月日齐全的日期；按 {day} 读入").format(day=period.start.isoformat()),
                _("请补全到日，如 2026-03-31。"),
            ),
        )
    return Reading(None, _warning("date-unreadable", _("一个日期，如 2026-03-31"), _("请改成年-月-日；未发生请留空。")))


def _month(cell: CellValue, _unit: str) -> Reading:
    if isinstance(cell, date):
        return Reading(f"{cell.year:04d}-{cell.month:02d}")
    text = one_line(plain_text(cell))
    if _is_not_given(text):
        return Reading("")
    together = _MONTH_RUN_TOGETHER.match(text)
    if together:
        return Reading(f"{together.group(1)}-{together.group(2)}")
    match = _MONTH.match(text)
    if match and 1 <= int(match.group(2)) <= 12:
        year = f"{match.group(1)}-" if match.group(1) else ""
        return Reading(f"{year}{int(match.group(2)):02d}")
    return Reading(text, _warning("month-unreadable", _("一个月份，如 2026-03"), _("请改成年-月。")))


def _people(text: str) -> People:
    if _MOBILE.fullmatch(text):
        return People(phones=(text,), text=text)
    if _PLAIN_EMAIL.fullmatch(text):
        return People(emails=(text,), text=text)
    consent, text_left = read_consent(text)
    if text_left.strip(" ：:，,") in {"是", "否"}:
        return People(consent=text_left.strip(" ：:，,") == "是", text=text)
    if not text_left.strip():
        return People(consent=consent, text=text)
    found = read_contact(text_left)
    return People(found.persons, found.phones, found.emails, consent, text)


def read_person(text: str) -> tuple[str, People | None]:
    """A cell headed 联系人: the name, and what stands behind it (numbers, addresses, a word on publishing)."""
    if not _BEHIND_NAME.search(text):
        return text, None
    reach = _people(text)
    if not reach.phones and not reach.emails and reach.consent is None:
        return text, None
    if reach.persons:
        return "、".join(reach.persons), reach
    # no known surname: what stands before the first number, address or mark
    return _BEHIND_NAME.split(text, maxsplit=1)[0].strip(_AROUND_NAME), reach


def _contact(cell: CellValue, _unit: str) -> Reading:
    text = plain_text(cell)
    if _is_not_given(text):
        return Reading(None)
    reach = _people(text)
    if reach.phones or reach.emails or (reach.consent is not None and not reach.persons):
        return Reading(reach)
    return Reading(reach, _warning("contact-unreachable", _("联系人与电话或邮箱"), _("请补充能联系上的电话或邮箱。")))


def _phone(cell: CellValue, _unit: str) -> Reading:
    text = plain_text(cell)
    if _is_not_given(text):
        return Reading(None)
    reach = _people(text)
    if not reach.phones:
        if reach.consent is not None and not reach.persons and not reach.emails:
            return Reading(reach)
        return Reading(
            reach,
            _warning("phone-unreadable", _("电话号码，如 0351-0000000"), _("请填写电话号码，姓名写在联系人一栏。")),
        )
    if reach.persons or reach.emails:
        return Reading(reach, _warning("phone-mixed", _("只有电话号码"), _("已分出姓名和号码，请核对；建议分栏填写。")))
    return Reading(reach)


def _email(cell: CellValue, _unit: str) -> Reading:
    text = plain_text(cell)
    if _is_not_given(text):
        return Reading(None)
    reach = _people(text)
    if not reach.emails:
        if reach.consent is not None and not reach.persons and not reach.phones:
            return Reading(reach)
        return Reading(
            reach, _warning("email-unreadable", _("邮箱地址，如 name@example.com"), _("请填写邮箱地址；没有请留空。"))
        )
    if reach.persons or reach.phones:
        return Reading(
            reach, _warning("email-mixed", _("只有邮箱地址"), _("已分出姓名、号码和邮箱，请核对；建议分栏填写。"))
        )
    return Reading(reach)


def _company(cell: CellValue, _unit: str) -> Reading:
    text = plain_text(cell)
    if _is_not_given(text):
        return Reading(None)
    read = read_company_name(text)
    return Reading(Firm(read.name, read.notes) if read.name else None)


def _credit_code(cell: CellValue, _unit: str) -> Reading:
    text = one_line(plain_text(cell))
    if _is_not_given(text):
        return Reading(None)
    code: CreditCode = read_credit_code(text)
    if code.valid:
        return Reading(code)
    return Reading(
        code,
        _warning(
            "credit-code-check",
            _("通过校验的 18 位统一社会信用代码"),
            _("请对照营业执照核对（{note}）；该行照常读入。").format(note=code.note.rstrip("。") or _("校验未通过")),
        ),
    )


def _industry(cell: CellValue, _unit: str) -> Reading:
    text = one_line(plain_text(cell))
    if _is_not_given(text):
        return Reading(None)
    found = find_industry(text)
    if found.industry is not None and found.certain:
        return Reading(SectorText(found.industry, text))
    return Reading(
        SectorText(found.industry, text),
        _notice(
            "industry-uncertain", _("国民经济行业分类（GB/T 4754-2017）的名称或代码"), _("按原文保留；请核对行业。")
        ),
    )


def _track(cell: CellValue, _unit: str) -> Reading:
    text = plain_text(cell)
    if _is_not_given(text):
        return Reading(None)
    tracks = read_tracks(text)
    if tracks:
        return Reading(TrackText(tracks, text))
    return Reading(
        TrackText((), text),
        _notice("track-unknown", _("十三条赛道之一，如 城市更新"), _("按原文保留；赛道由系统建议。")),
    )


def _role(cell: CellValue, _unit: str) -> Reading:
    text = plain_text(cell)
    if _is_not_given(text):
        return Reading(())
    roles = read_roles(text)
    if roles:
        return Reading(roles)
    return Reading(
        (), _notice("role-unknown", _("角色：{roles}").format(roles="、".join(ROLES)), _("请选填其中之一。"))
    )


def _stage(cell: CellValue, _unit: str) -> Reading:
    text = one_line(plain_text(cell))
    if _is_not_given(text):
        return Reading("")
    stage = read_stage(text)
    if stage is None:
        return Reading(
            "", _warning("stage-unknown", _("标准阶段之一，如 对接、签约、开工、投产"), _("请改用标准阶段名称。"))
        )
    if not stage.certain:
        return Reading(
            stage.stage,
            _warning(
                "stage-uncertain", _("标准阶段之一；按“{stage}”读入").format(stage=stage.stage), _("请核对阶段。")
            ),
        )
    return Reading(stage.stage)


def _qualification(cell: CellValue, _unit: str) -> Reading:
    text = plain_text(cell)
    return Reading(() if _is_not_given(text) else read_qualifications(text))


_READERS: dict[str, Callable[[CellValue, str], Reading]] = {
    "text": _text,
    "line": _line,
    "list": _list,
    "serial": _serial,
    "number": _number,
    "figure": _figure,
    "bool": _bool,
    "money": _money,
    "period": _period,
    "date": _date,
    "month": _month,
    "contact": _contact,
    "phone": _phone,
    "email": _email,
    "company": _company,
    "credit_code": _credit_code,
    "region": _line,  # looked up by row, since a province column beside it decides between places of one name
    "industry": _industry,
    "track": _track,
    "role": _role,
    "stage": _stage,
    "stage_text": _line,
    "qualification": _qualification,
}


TEXT_TYPES: dict[str, Callable[[CellValue], str]] = {"text": read_text, "line": read_line, "region": read_line}
"""Types whose reading is a text and never has an issue, with their reader."""


def read_cell(kind: str, cell: CellValue, *, unit: str = "") -> Reading:
    """Reads one cell as a field type of the vocabulary; ``unit`` is the unit named by the heading."""
    return _READERS[kind](cell, unit)


@dataclass(slots=True)
class ColumnReader:
    """Reads the cells of one column, each distinct value once."""

    kind: str
    unit: str = ""
    _seen: dict[tuple[type, CellValue], Reading] = field(default_factory=dict)

    def read(self, cell: CellValue) -> Reading:
        """The reading of a cell."""
        key = (cell.__class__, cell)
        reading = self._seen.get(key)
        if reading is None:
            reading = self._seen[key] = read_cell(self.kind, cell, unit=self.unit)
        return reading
