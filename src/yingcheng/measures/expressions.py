"""What a fact cell may ask for beyond one fact: sums, weighted sums, ratios, growth over years.

Written as officers write it, and read back from that:

- ``营业收入+其他收入``, ``0.6×专利数+0.4×软件著作权数``
- ``研发投入÷营业收入``, ``研发投入占营业收入比例``
- ``营业收入近3年年均增长率`` (compound: the third year back to the last one), ``营业收入近3年每年增长率``,
  ``营业收入近2年累计增长率``, ``营业收入同比增长率``
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from yingcheng.measures.conditions import All, Condition, Linear
from yingcheng.measures.facts import FactKind, find_fact, of_year
from yingcheng.standards.numerals import chinese_number
from yingcheng.standards.text import one_line

__all__ = ["Expression", "Growth", "Ratio", "Sum", "read_expression"]

EXACT_DIGITS = 80  # of a growth factor: (1 + rate) to a power of up to ten


@dataclass(frozen=True, slots=True)
class Sum:
    """``Σ factor × fact`` over facts of one unit."""

    terms: tuple[tuple[str, Decimal], ...]
    unit: str

    @property
    def written(self) -> str:
        """As it is written in a fact cell."""
        return "+".join(name if factor == 1 else f"{_plain(factor)}×{name}" for name, factor in self.terms)

    def condition(self, operator: str, value: Decimal, _as_of: date) -> Condition:
        """The sum compared with ``value`` in its unit."""
        return Linear(_merged(self.terms), operator, value)


@dataclass(frozen=True, slots=True)
class Ratio:
    """``part ÷ whole``; of one unit a share in per cent, of two an amount per piece."""

    part: str
    whole: str
    unit: str  # "%" or the unit of the part

    @property
    def written(self) -> str:
        """As it is written in a fact cell."""
        return f"{self.part}÷{self.whole}"

    def condition(self, operator: str, value: Decimal, _as_of: date) -> Condition:
        """The ratio compared with ``value``; never true where ``whole`` is 0."""
        ratio = value / 100 if self.unit == "%" else value
        return Linear(_merged(((self.part, Decimal(1)), (self.whole, -ratio))), operator, Decimal(0), (self.whole,))


@dataclass(frozen=True, slots=True)
class Growth:
    """Growth of a fact over the last full years. ``manner``: 每年 (each year), 年均 (compound), 累计 (in all)."""

    fact: str
    years: int
    manner: str
    unit: str = "%"

    @property
    def written(self) -> str:
        """As it is written in a fact cell."""
        if self.years == 1:
            return f"{self.fact}同比增长率"
        return f"{self.fact}近{self.years}年{self.manner}增长率"

    def condition(self, operator: str, value: Decimal, as_of: date) -> Condition:
        """The growth compared with ``value`` in per cent, counted back from the year before ``as_of``."""
        last = as_of.year - 1
        with localcontext() as context:
            context.prec = EXACT_DIGITS
            factor = 1 + value / 100
            if self.manner == "每年" or self.years == 1:
                steps = [_grown(self.fact, last - n, 1, operator, factor) for n in range(self.years)]
                return steps[0] if len(steps) == 1 else All(tuple(steps))
            total = factor**self.years if self.manner == "年均" else factor
        return _grown(self.fact, last, self.years, operator, total)


Expression = Sum | Ratio | Growth


def _grown(fact: str, year: int, back: int, operator: str, factor: Decimal) -> Linear:
    now, before = of_year(fact, year), of_year(fact, year - back)
    return Linear(((now, Decimal(1)), (before, -factor)), operator, Decimal(0), (before,))


def _merged(terms: tuple[tuple[str, Decimal], ...]) -> tuple[tuple[str, Decimal], ...]:
    added: dict[str, Decimal] = {}
    for name, factor in terms:
        added[name] = added.get(name, Decimal(0)) + factor
    return tuple((name, factor) for name, factor in added.items() if factor)


def _plain(factor: Decimal) -> str:
    return f"{factor.normalize():f}"


_GROWTH = re.compile(
    r"^(?P<fact>.+?)(?:近|最近|连续)?(?:(?P<years>\d|[一二两三四五六七八九十])(?:个)?(?:会计)?年度?)?(?P<manner>年均|平均|每年|逐年|均|累计)?"
    r"(?:复合)?(?:同比)?(?:增长率|增长|增幅|增速)$"
)
_MANNERS: Mapping[str, str] = {
    "年均": "年均",
    "平均": "年均",
    "每年": "每年",
    "逐年": "每年",
    "均": "每年",
    "累计": "累计",
}
_SHARE = re.compile(r"^(?P<part>.+?)占(?P<whole>.+?)(?:的)?(?:比例|比重|之比|比|百分比)$")
_DIVIDED = re.compile(r"[÷/]")
_WEIGHTED = re.compile(
    r"^(?P<factor>\d+(?:\.\d+)?)\s*[×*xX·]\s*(?P<name>.+)$|^(?P<name2>.+?)\s*[×*·]\s*(?P<factor2>\d+(?:\.\d+)?)$"
)
_TOGETHER = re.compile(r"^(?P<names>.+?)(?:之和|合计|总和)$")


def read_expression(text: str) -> Expression | str | None:
    """The expression of a fact cell.

    Returns:
        The expression; ``"unit-mismatch"`` where facts of two units are added; ``None`` where the cell holds none, or
        names a fact that is not in the vocabulary.
    """
    written = one_line(text).replace(" ", "")
    if find_fact(written)[0] is not None:
        return None
    return _growth(written) or _ratio(written) or _sum(written)


def _number(text: str) -> FactKind | None:
    kind, _unit = find_fact(text)
    return kind if kind is not None and kind.type == "number" else None


def _growth(written: str) -> Growth | None:
    found = _GROWTH.match(written)
    kind = _number(found["fact"]) if found else None
    if found is None or kind is None:
        return None
    digits = found["years"] or "1"
    years = int(digits) if digits.isdigit() else chinese_number(digits) or 1
    manner = _MANNERS.get(found["manner"] or "", "每年" if "连续" in written else "")
    if years > 1 and not manner:
        return None  # 近三年增长10%: each, on average or in all?
    return Growth(kind.name, years, manner if years > 1 else "每年")


def _ratio(written: str) -> Ratio | None:
    share = _SHARE.match(written)
    sides = [share["part"], share["whole"]] if share else _DIVIDED.split(written)
    kinds = [_number(side) for side in sides]
    if len(kinds) != 2 or kinds[0] is None or kinds[1] is None:
        return None
    part, whole = kinds[0], kinds[1]
    return Ratio(part.name, whole.name, "%" if part.unit == whole.unit else part.unit)


def _sum(written: str) -> Sum | str | None:
    together = _TOGETHER.match(written)
    pieces = re.split(r"[、与和及+]", together["names"]) if together else written.split("+")
    terms: list[tuple[str, Decimal]] = []
    units: set[str] = set()
    for piece in pieces:
        weighted = _WEIGHTED.match(piece)
        factor = Decimal((weighted["factor"] or weighted["factor2"]) if weighted else 1)
        kind = _number((weighted["name"] or weighted["name2"]) if weighted else piece)
        if kind is None:
            return None
        terms.append((kind.name, factor))
        units.add(kind.unit)
    if len(units) > 1:
        return "unit-mismatch"
    return Sum(tuple(terms), units.pop()) if len(terms) > 1 or terms[0][1] != 1 else None
