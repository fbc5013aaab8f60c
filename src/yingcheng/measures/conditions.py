"""The nodes of a condition: :class:`All`, :class:`Any`, :class:`AtLeast`, :class:`Not` over leaves.

A leaf asks about one fact, :class:`Linear` about several numbers at once (sums, weighted sums, ratios, growth over
years: each is an inequality between a weighted sum and a number). A tier table is :class:`Any` of its tiers; a
dependence on another measure is that measure's own condition. What is decided of them is in
:mod:`yingcheng.measures.deciding`.
"""

from __future__ import annotations

import operator as op
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from yingcheng.measures.records import FactValue
from yingcheng.standards.industries import find_industry
from yingcheng.standards.qualifications import holds
from yingcheng.standards.regions import find_region

__all__ = [
    "Age",
    "All",
    "Any",
    "AtLeast",
    "Belongs",
    "Between",
    "Compare",
    "Condition",
    "Depends",
    "Domain",
    "Has",
    "Human",
    "In",
    "Includes",
    "Leaf",
    "Linear",
    "Not",
    "Within",
    "facts_of",
    "full_years",
    "leaves",
    "replaced",
    "texts_of",
]

COMPARISONS: Mapping[str, Callable[..., bool]] = {
    "==": op.eq,
    "!=": op.ne,
    ">=": op.ge,
    ">": op.gt,
    "<=": op.le,
    "<": op.lt,
}


@dataclass(frozen=True, slots=True)
class Domain:
    """What values a fact can take. Without one, numbers are any real numbers and texts any set of words.

    ``single``: a text fact that is exactly one word (企业规模 is 小型 or 微型, never both).
    """

    minimum: Decimal | None = None
    whole: bool = False
    maximum: Decimal | None = None
    single: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """``fact operator value`` with one of ``== != >= > <= <``. Numbers, days, yes/no; texts only for equality."""

    fact: str
    operator: str
    value: FactValue

    def test(self, value: FactValue) -> bool | None:
        """Truth for a known value; ``None`` where the value is of another type than expected."""
        if isinstance(self.value, str):
            texts = texts_of(value)
            return None if texts is None else (self.value in texts) == (self.operator == "==")
        if type(value) is not type(self.value):
            return None
        return COMPARISONS[self.operator](value, self.value)

    @property
    def points(self) -> tuple[FactValue, ...]:
        """Values at which the truth may change."""
        return (self.value,)


@dataclass(frozen=True, slots=True)
class Between:
    """``low <= fact <= high``, both ends included."""

    fact: str
    low: Decimal | date
    high: Decimal | date

    def test(self, value: FactValue) -> bool | None:
        """Truth for a known value; ``None`` where the value is of another type than expected."""
        if type(value) is not type(self.low):
            return None
        return COMPARISONS["<="](self.low, value) and COMPARISONS["<="](value, self.high)

    @property
    def points(self) -> tuple[FactValue, ...]:
        """Values at which the truth may change."""
        return (self.low, self.high)


@dataclass(frozen=True, slots=True)
class In:
    """The fact is exactly one of ``values`` (for a fact of several texts: one of them is)."""

    fact: str
    values: tuple[str, ...]

    def test(self, value: FactValue) -> bool | None:
        """Truth for a known value; ``None`` where the value is no text."""
        texts = texts_of(value)
        return None if texts is None else any(text in self.values for text in texts)

    @property
    def points(self) -> tuple[FactValue, ...]:
        """Values at which the truth may change."""
        return self.values


@dataclass(frozen=True, slots=True)
class Includes:
    """A text of the fact contains one of ``words``."""

    fact: str
    words: tuple[str, ...]

    def test(self, value: FactValue) -> bool | None:
        """Truth for a known value; ``None`` where the value is no text."""
        texts = texts_of(value)
        return None if texts is None else any(word in text for word in self.words for text in texts)

    @property
    def points(self) -> tuple[FactValue, ...]:
        """Values at which the truth may change."""
        return self.words


@dataclass(frozen=True, slots=True)
class Has:
    """The enterprise holds a qualification, in any of its spellings or at a level that implies it.

    ``known`` is false where the vocabulary does not know the name: the same words still mean yes, but other words do
    not mean no.
    """

    fact: str
    wanted: str
    known: bool = True

    def test(self, value: FactValue) -> bool | None:
        """Truth for the qualifications held; ``None`` where an unknown name is not among them."""
        held = texts_of(value)
        if held is None:
            return None
        return holds(held, self.wanted) or (False if self.known else None)

    @property
    def points(self) -> tuple[FactValue, ...]:
        """Values at which the truth may change."""
        return (self.wanted,)


@dataclass(frozen=True, slots=True)
class Within:
    """The place lies in a region. ``path`` is its full path (山西省太原市), empty for a zone outside GB/T 2260."""

    fact: str
    name: str
    path: str = ""

    def test(self, value: FactValue) -> bool | None:
        """Truth for a place; ``None`` where it is only known more coarsely, or cannot be told from the address."""
        if not isinstance(value, str):
            return None
        if not self.path:
            return True if self.name in value else None
        if value.startswith(self.path):
            return True
        reading = find_region(value)
        if reading.region is None or not reading.certain:
            return None
        found = reading.region.path
        if found.startswith(self.path):
            return True
        return None if self.path.startswith(found) else False

    @property
    def points(self) -> tuple[FactValue, ...]:
        """Values at which the truth may change."""
        return (self.path or self.name,)


@dataclass(frozen=True, slots=True)
class Belongs:
    """The enterprise belongs to an industry: code and section of GB/T 4754-2017; a name only without ``code``."""

    fact: str
    name: str
    code: str = ""
    section: str = ""

    def test(self, value: FactValue) -> bool | None:
        """Truth for codes and names; ``None`` where neither tells, or only a wider class is known."""
        texts = texts_of(value)
        if texts is None:
            return None
        if not self.code:
            return True if any(self.name in text for text in texts) else None
        if self.name in texts:  # equal, not included: the section's name names all its divisions
            return True
        wider = False
        found = [reading.industry for reading in map(find_industry, texts) if reading.certain and reading.industry]
        for industry in found:
            if industry.code.startswith(self.code) or industry.section == self.code:
                return True
            wider |= self.code.startswith(industry.code) or industry.code == self.section
        finer = any(industry.code.isdigit() and len(industry.code) >= len(self.code) for industry in found)
        return None if not found or (wider and not finer) else False

    @property
    def points(self) -> tuple[FactValue, ...]:
        """Values at which the truth may change."""
        return (self.name,)


@dataclass(frozen=True, slots=True)
class Age:
    """Time from the day in ``fact`` to ``on``, compared with ``years``; ``==`` compares full years.

    成立满3年 (``>=``) includes the anniversary; 成立不超过5年 (``<=``) ends with it, not a year later.
    """

    fact: str
    operator: str
    years: int
    on: date

    def test(self, value: FactValue) -> bool | None:
        """Truth for a day; ``None`` where the value is no day."""
        if not isinstance(value, date):
            return None
        if self.operator == "==":
            return full_years(value, self.on) == self.years
        # the longer ago, the earlier the day: the sides change places
        return COMPARISONS[self.operator](_years_before(self.on, self.years), value)

    @property
    def points(self) -> tuple[FactValue, ...]:
        """Days at which the truth may change."""
        return tuple(_years_before(self.on, years) for years in (self.years, self.years + 1))


@dataclass(frozen=True, slots=True)
class Human:
    """Only a person can judge it. A recorded judgement is a yes/no fact of the name ``fact``."""

    fact: str

    def test(self, value: FactValue) -> bool | None:
        """The recorded judgement."""
        return value if isinstance(value, bool) else None

    @property
    def points(self) -> tuple[FactValue, ...]:
        """Values at which the truth may change."""
        return (True,)


@dataclass(frozen=True, slots=True)
class Depends:
    """The enterprise qualifies for another measure. Reading the measures puts that measure's condition in its place.

    Where there is none of that name it stays a question for a person.
    """

    measure: str

    @property
    def fact(self) -> str:
        """The yes/no fact that answers it where the other measure is not at hand."""
        return f"符合“{self.measure}”"

    def test(self, value: FactValue) -> bool | None:
        """The recorded answer."""
        return value if isinstance(value, bool) else None

    @property
    def points(self) -> tuple[FactValue, ...]:
        """Values at which the truth may change."""
        return (True,)


@dataclass(frozen=True, slots=True)
class Linear:
    """``Σ factor · fact  operator  value``, and every fact of ``positive`` is above 0.

    A ratio a ÷ b ≥ v is a − v·b ≥ 0 with b positive: dividing by nothing does not hold. So is growth.
    """

    terms: tuple[tuple[str, Decimal], ...]
    operator: str
    value: Decimal
    positive: tuple[str, ...] = ()

    @property
    def facts(self) -> tuple[str, ...]:
        """Every fact asked for, in order."""
        return tuple(dict.fromkeys((*(name for name, _factor in self.terms), *self.positive)))

    def given(self, known: Mapping[str, Decimal]) -> Linear | bool:
        """What is left to ask once some facts are known: the rest of the inequality, or its truth."""
        if any(known[name] <= 0 for name in self.positive if name in known):
            return False
        value = self.value - sum((f * known[name] for name, f in self.terms if name in known), Decimal(0))
        terms = tuple((name, factor) for name, factor in self.terms if name not in known)
        positive = tuple(name for name in self.positive if name not in known)
        if terms or positive:
            return Linear(terms, self.operator, value, positive)
        return COMPARISONS[self.operator](Decimal(0), value)


Leaf = Compare | Between | In | Includes | Has | Within | Belongs | Age | Human | Depends | Linear


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; true without parts."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part holds; false without parts."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least ``count`` parts hold."""

    count: int
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition


Condition = All | Any | AtLeast | Not | Leaf


def facts_of(leaf: Leaf) -> tuple[str, ...]:
    """The facts that a leaf asks for."""
    return leaf.facts if isinstance(leaf, Linear) else (leaf.fact,)


def replaced(condition: Condition, change: Callable[[Leaf], Condition]) -> Condition:
    """The same tree with every leaf changed."""
    if isinstance(condition, All):
        return All(tuple(replaced(part, change) for part in condition.parts))
    if isinstance(condition, Any):
        return Any(tuple(replaced(part, change) for part in condition.parts))
    if isinstance(condition, AtLeast):
        return AtLeast(condition.count, tuple(replaced(part, change) for part in condition.parts))
    if isinstance(condition, Not):
        return Not(replaced(condition.part, change))
    return change(condition)


def full_years(start: date, end: date) -> int:
    """Full years from ``start`` to ``end``: the anniversary itself counts as reached."""
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


def leaves(condition: Condition) -> tuple[Leaf, ...]:
    """Every different leaf, in tree order."""
    if isinstance(condition, All | Any | AtLeast):
        return tuple(dict.fromkeys(leaf for part in condition.parts for leaf in leaves(part)))
    return leaves(condition.part) if isinstance(condition, Not) else (condition,)


def texts_of(value: FactValue) -> tuple[str, ...] | None:
    """A text fact as several texts; ``None`` for every other type."""
    if isinstance(value, tuple):
        return value
    return (value,) if isinstance(value, str) else None


def _years_before(day: date, years: int) -> date:
    """Last start day from which ``years`` full years have passed on ``day``."""
    year = max(day.year - years, 1)
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February of a year without one: those of 28 February have passed, those of 1 March have not
        return date(year, 2, 28)
