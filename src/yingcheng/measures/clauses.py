"""Rows of a decision table → conditions.

A clause with its decision columns filled (fact, operator, value) is read from them; one with its text only is read
where the sentence is a common one (:mod:`yingcheng.measures.sentences`). Whatever is not fully understood is left to
a person.

Several values in one cell are alternatives (属于 软件业、制造业: one is enough), as in the unary tests of OMG DMN 1.5
§7.3.13; ``同时具有`` asks for all of them and ``至少2项`` for two. A fact cell may hold an expression
(:mod:`yingcheng.measures.expressions`), a value cell may depend on the day or be a tier table
(:mod:`yingcheng.measures.thresholds`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from yingcheng.i18n import _
from yingcheng.measures.conditions import (
    Age,
    All,
    Any,
    AtLeast,
    Between,
    Compare,
    Condition,
    Depends,
    In,
    Includes,
    Not,
)
from yingcheng.measures.expressions import Expression, read_expression
from yingcheng.measures.facts import (
    FactKind,
    expansions,
    find_fact,
    find_operator,
    operator_spellings,
    read_quantity,
    suggest,
)
from yingcheng.measures.records import Clause
from yingcheng.measures.sentences import read_sentence
from yingcheng.measures.thresholds import dated_values, read_tiers, value_on
from yingcheng.measures.wording import age, belongs, has, human, within
from yingcheng.standards.dates import parse_date
from yingcheng.standards.numerals import chinese_number
from yingcheng.standards.regions import Region
from yingcheng.standards.text import one_line, split_values

__all__ = ["ClauseReading", "Fault", "read_clause"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why the decision columns of a clause cannot be used. ``field`` is ``fact``, ``operator`` or ``value``."""

    code: str
    field: str
    found: str
    expected: str
    remedy: str


class _Unusable(Exception):  # noqa: N818 — carries a fault up to read_clause, never leaves this module
    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.code)


@dataclass(frozen=True, slots=True)
class ClauseReading:
    """What a clause asks for. A clause with faults is left to a person."""

    condition: Condition
    requirement: str  # in words, for the trace
    faults: tuple[Fault, ...] = ()


def read_clause(clause: Clause, *, as_of: date, home: Region | None = None) -> ClauseReading:
    """What a clause asks for.

    Args:
        clause: one row of the decision table.
        as_of: the day ages are counted on.
        home: what 我市 and 我省 mean, where the measure's own unit says so.
    """
    written = one_line(clause.text)
    if not (clause.fact or clause.operator or clause.value or written):
        return ClauseReading(human(_EMPTY), _EMPTY)
    if not clause.fact and not clause.value:
        if find_operator(clause.operator) == "human":
            return ClauseReading(human(written), written)
        return ClauseReading(read_sentence(written, as_of=as_of, home=home), written)
    columns = " ".join(part for part in map(one_line, (clause.fact, clause.operator, clause.value)) if part)
    requirement = written or columns  # the policy's own sentence; the columns stay in the clause
    try:
        return ClauseReading(_Columns(clause, as_of, home).read(), requirement)
    except _Unusable as unusable:
        return ClauseReading(human(requirement), requirement, (unusable.fault,))


_AT_LEAST = re.compile(r"^至少(?:具有|具备|满足|符合)?([\d一二两三四五六七八九十]+)[项个种类条]$")
_LEADING = sorted((spelling for spelling in operator_spellings() if not spelling.isascii()), key=lambda s: (-len(s), s))
_SYMBOL = re.compile(r"^(≥|>=|≤|<=|≠|!=|==|>|<|=)\s*(.+)$")
_TRAILING = re.compile(r"^(.+?)((?:及|\(含\)|（含）)?(?:以上|以下|以内))$")
_RANGE = re.compile(r"^(.+?)\s*(?:-|—|–|~|～|至|到|和|与|、|,|，)\s*(.+)$")
_YES_WORDS = frozenset(("是", "有", "true", "1", "y", "yes"))
_NO_WORDS = frozenset(("否", "无", "没有", "false", "0", "n", "no"))


class _Columns:
    """The decision columns of one clause."""

    def __init__(self, clause: Clause, as_of: date, home: Region | None) -> None:
        self.as_of = as_of
        self.home = home
        self.clause = clause
        self.value = one_line(clause.value)
        self.count = 0
        self.expression: Expression | None = None
        kind, self.unit = find_fact(clause.fact)
        self.kind = kind or self._of_expression()
        values = dated_values(clause.value)
        if values:
            now = value_on(values, as_of)
            if now is None:
                raise self._unreadable(_("评定日（{day}）已经生效的取值").format(day=as_of), "threshold-not-in-force")
            self.value = now
        self.tiers = () if values else read_tiers(clause.value)
        self.operator = self._operator()

    def _of_expression(self) -> FactKind:
        found = read_expression(self.clause.fact)
        if found is None:
            raise _Unusable(_unknown_fact(self.clause.fact))
        if isinstance(found, str):
            raise _Unusable(
                Fault(
                    found,
                    "fact",
                    one_line(self.clause.fact),
                    _("计量单位相同的数值相加"),
                    _("金额、人数、件数不能相加，请拆成几条。"),
                )
            )
        self.expression = found
        return FactKind(found.written, "number", found.unit)

    def read(self) -> Condition:
        """The condition.

        Raises:
            _Unusable: the columns cannot be used; carries the fault.
        """
        if self.operator == "human":
            return human(one_line(self.clause.text) or f"{self.kind.name} {self.value}".strip())
        if self.tiers:
            return self._tiers()
        readers: Mapping[str, Callable[[], Condition]] = {
            "number": self._number,
            "age": self._age,
            "date": self._day,
            "flag": self._flag,
            "measure": self._measure,
        }
        return readers.get(self.kind.type, self._words)()

    def _tiers(self) -> Condition:
        """The first tier that holds gives the value; where none does a person decides."""
        before: list[Condition] = []
        found: list[Condition] = []
        for tier in self.tiers:
            asked = self._part(self.clause.fact, self.clause.operator, tier.value)
            if not tier.fact:
                found.append(All((*before, asked)))
                return Any(tuple(found))
            when = self._part(tier.fact, tier.operator, tier.bound)
            found.append(All((*before, when, asked)))
            before.append(Not(when))
        rest = human(f"“{self.kind.name}”未列入分档")
        return Any((*found, All((*before, rest))))

    def _part(self, fact: str, operator: str, value: str) -> Condition:
        try:
            return _Columns(Clause("", "", self.clause.text, fact, operator, value), self.as_of, self.home).read()
        except _Unusable as unusable:
            fault = unusable.fault
            raise _Unusable(
                Fault(fault.code, "value", one_line(self.clause.value), fault.expected, fault.remedy)
            ) from None

    def _measure(self) -> Condition:
        names = [name.strip() for name in re.split(r"[；;\n]", self.value) if name.strip()]
        if not names:
            raise self._unreadable(_("另一项政策的名称"))
        if self.operator not in ("==", "!=", "in", "not in", "has", "not has"):
            raise self._misfit(self.clause.operator)
        parts = tuple(Depends(name) for name in names)
        some: Condition = Any(parts) if len(parts) > 1 else parts[0]
        return Not(some) if self.operator in ("!=", "not in", "not has") else some

    def _operator(self) -> str:
        written = one_line(self.clause.operator).replace(" ", "")
        at_least = _AT_LEAST.match(written)
        if at_least:
            digits = at_least.group(1)
            self.count = int(digits) if digits.isdigit() else chinese_number(digits) or 1
            return "at least"
        if written:
            found = find_operator(written)
            if not found:
                raise _Unusable(
                    Fault(
                        "unknown-operator",
                        "operator",
                        written,
                        _("比较方式，如 不少于、不超过、等于、属于、具有、介于、是、否"),
                        _("改用其中一种写法。"),
                    )
                )
            return found
        return self._operator_in_value()

    def _operator_in_value(self) -> str:
        """``≥500万元`` and ``50人以上`` carry their operator in the value; words need none."""
        symbol, trailing = _SYMBOL.match(self.value), _TRAILING.match(self.value)
        if symbol:
            self.value = symbol.group(2)
            return find_operator(symbol.group(1))
        if trailing and self.kind.type in ("number", "age"):
            self.value = trailing.group(1)
            return find_operator(trailing.group(2)[-2:])
        for spelling in _LEADING:
            if self.value.startswith(spelling) and len(self.value) > len(spelling) and self.kind.type != "texts":
                self.value = self.value.removeprefix(spelling).strip()
                return find_operator(spelling)
        if self.tiers and self.kind.type in ("number", "age", "date"):
            return ""  # every tier has its own
        if self.kind.type in ("number", "age", "date"):
            raise self._misfit("")
        return "=="

    def _misfit(self, operator: str) -> _Unusable:
        return _Unusable(
            Fault(
                "operator-mismatch",
                "operator",
                operator,
                _("适用于“{fact}”的比较方式").format(fact=self.kind.name),
                _("数值和日期用 不少于、不超过、介于 等；名称用 属于、不属于、具有；是否类用 是、否。"),
            )
        )

    def _unreadable(self, expected: str, code: str = "unreadable-value") -> _Unusable:
        return _Unusable(
            Fault(code, "value", one_line(self.clause.value), expected, _("请改写取值；改好之前该条款由人工认定。"))
        )

    def _quantity(self, text: str) -> Decimal:
        reading = read_quantity(text, self.kind, unit=self.unit)
        if self.expression is not None and self.kind.unit == "%" and re.fullmatch(r"-?[\d.]+", text):
            raise self._unreadable(_("带 % 或 倍 的数值，如 3%"), "unit-missing")  # 0.03 or 3: a factor of 100
        if reading.value is not None:
            return reading.value
        expected = _("“{fact}”的数值，单位为{unit}").format(fact=self.kind.name, unit=self.kind.unit or _("无"))
        raise self._unreadable(expected, {"unreadable": "unreadable-value"}.get(reading.fault, reading.fault))

    def _ends(self) -> tuple[str, str]:
        found = _RANGE.match(self.value)
        if found is None:
            raise self._unreadable(_("一个区间，如 50人-200人"))
        low, high = found.groups()
        # 500-2000万元 names the unit once, for both ends
        unit = re.sub(r"^[\d.,，\s]+", "", high)
        return (low + unit if re.fullmatch(r"[\d.,，\s]+", low) else low), high

    def _number(self) -> Condition:
        if self.operator == "between":
            low, high = sorted(map(self._quantity, self._ends()))
            if self.expression is None:
                return Between(self.kind.name, low, high)
            return All((self._compared(">=", low), self._compared("<=", high)))
        if self.operator not in _COMPARED:
            raise self._misfit(self.clause.operator)
        return self._compared(self.operator, self._quantity(self.value))

    def _compared(self, operator: str, value: Decimal) -> Condition:
        if self.expression is not None:
            return self.expression.condition(operator, value, self.as_of)
        return Compare(self.kind.name, operator, value)

    def _age(self) -> Condition:
        def years(text: str) -> int:
            number = self._quantity(text)
            if number != int(number) or number > 200:
                raise self._unreadable(_("整年数，如 3年"))
            return int(number)

        if self.operator == "between":
            low, high = map(years, self._ends())
            return All(
                (
                    Age(self.kind.base, ">=", min(low, high), self.as_of),
                    Age(self.kind.base, "<=", max(low, high), self.as_of),
                )
            )
        if self.operator not in _COMPARED:
            raise self._misfit(self.clause.operator)
        return age(self.kind.base, self.operator, years(self.value), self.as_of)

    def _day(self) -> Condition:
        def day(text: str) -> date:
            found = parse_date(text)
            if found is None:
                raise self._unreadable(_("一个日期，如 2023-01-01"))
            return found

        if self.operator == "between":
            low, high = map(day, self._ends())
            return Between(self.kind.name, min(low, high), max(low, high))
        if self.operator not in _COMPARED:
            raise self._misfit(self.clause.operator)
        return Compare(self.kind.name, self.operator, day(self.value))

    def _flag(self) -> Condition:
        word = self.value.lower()
        if word and word not in _YES_WORDS | _NO_WORDS:
            raise self._unreadable(_("是 或 否"))
        wanted = word not in _NO_WORDS
        if self.operator in ("!=", "not in", "not has"):
            wanted = not wanted  # 经营异常 | 无 | (empty) asks for no
        elif self.operator not in ("==", "has", "in"):
            raise self._misfit(self.clause.operator)
        return Compare(self.kind.name, "==", wanted)

    def _words(self) -> Condition:
        words = split_values(self.value)
        if not words:
            raise self._unreadable(_("至少一个名称"))
        if self.kind.type == "texts" and not self.count and self.operator != "has all":
            return self._some_text(words)
        parts = tuple(map(self._word, words))
        if self.count:
            if self.count > len(parts):
                raise self._unreadable(_("至少{count}个名称").format(count=self.count))
            return AtLeast(self.count, parts)
        if self.operator not in ("==", "!=", "in", "not in", "has", "has all", "not has"):
            raise self._misfit(self.clause.operator)
        if self.operator == "has all":
            return All(parts)
        some = Any(parts) if len(parts) > 1 else parts[0]
        return Not(some) if self.operator in ("!=", "not in", "not has") else some

    def _word(self, word: str) -> Condition:
        if self.kind.type == "qualification":
            return has(word, fact=self.kind.name)
        if self.kind.type == "region":
            return within(word, fact=self.kind.name, home=self.home)
        if self.kind.type == "industry":
            return belongs(word, fact=self.kind.name)
        return Includes(self.kind.name, expansions().get(word, (word,)))

    def _some_text(self, words: Sequence[str]) -> Condition:
        if self.operator not in ("==", "!=", "in", "not in", "has", "not has"):
            raise self._misfit(self.clause.operator)
        every = tuple(dict.fromkeys(text for word in words for text in expansions().get(word, (word,))))
        exact = self.operator in ("==", "!=")
        leaf: Condition = In(self.kind.name, every) if exact else Includes(self.kind.name, every)
        return Not(leaf) if self.operator in ("!=", "not in", "not has") else leaf


_EMPTY = "条款内容为空"
_COMPARED = ("==", "!=", ">=", ">", "<=", "<")


def _unknown_fact(written: str) -> Fault:
    close = suggest(written)
    remedy = _("您是否要写：{names}？").format(names="、".join(close)) if close else _("请使用事实词表中的名称。")
    return Fault("unknown-fact", "fact", one_line(written), _("事实词表中的名称"), remedy)
