"""Conditions in three values: 符合, 不符合, 还需材料.

A condition is a tree of :class:`All`, :class:`Any`, :class:`AtLeast`, :class:`Not` over leaves that each ask about
one fact. A leaf whose fact is missing has no value (strong Kleene logic, S. C. Kleene, Introduction to
Metamathematics, 1952, §64), and where the same missing fact is asked for more than once the tree is decided over all
its possible values (supervaluation, B. van Fraassen, J. Philosophy 63, 1966): the answer is 符合 exactly if every
completion of the missing facts says so, 不符合 exactly if none does, and 还需材料 otherwise. Only those missing facts
are named that change the answer in some completion.

A fact's possible values are infinitely many, but the leaves only tell finitely many apart: they are cut into *cells*,
one representative each. Facts that stand in one branch only are folded bottom-up; only those that two branches share
are tried cell by cell, so that the usual measure costs one pass.
"""

from __future__ import annotations

import operator as op
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, pairwise
from math import ceil, floor

from yingcheng.measures.records import Fact, FactValue, Verdict
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
    "Decider",
    "Decision",
    "Domain",
    "Has",
    "Human",
    "In",
    "Includes",
    "Leaf",
    "Not",
    "Within",
    "full_years",
    "leaves",
]

COMPARISONS: Mapping[str, Callable[..., bool]] = {
    "==": op.eq,
    "!=": op.ne,
    ">=": op.ge,
    ">": op.gt,
    "<=": op.le,
    "<": op.lt,
}

# Above this many different words asked of one text fact its leaves are taken as independent: sound, but not complete.
WORDS_AT_MOST = 10


@dataclass(frozen=True, slots=True)
class Domain:
    """What values a fact can take. Without one, numbers are any real numbers."""

    minimum: Decimal | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """``fact operator value`` with one of ``== != >= > <= <``. Numbers, days, yes/no; texts only for equality."""

    fact: str
    operator: str
    value: FactValue

    def test(self, value: FactValue) -> bool | None:
        """Truth for a known value; ``None`` where the value is of another type than expected."""
        if isinstance(self.value, str):
            texts = _texts(value)
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
        texts = _texts(value)
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
        texts = _texts(value)
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
        held = _texts(value)
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
        texts = _texts(value)
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


Leaf = Compare | Between | In | Includes | Has | Within | Belongs | Age | Human


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


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, and the missing facts that can change it in tree order (none unless the answer is 还需材料)."""

    verdict: Verdict
    missing: tuple[str, ...] = ()


def full_years(start: date, end: date) -> int:
    """Full years from ``start`` to ``end``: the anniversary itself counts as reached."""
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


def leaves(condition: Condition) -> tuple[Leaf, ...]:
    """Every different leaf, in tree order."""
    if isinstance(condition, All | Any | AtLeast):
        return tuple(dict.fromkeys(leaf for part in condition.parts for leaf in leaves(part)))
    return leaves(condition.part) if isinstance(condition, Not) else (condition,)


def _texts(value: FactValue) -> tuple[str, ...] | None:
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


# A state of one leaf: decided, or not because its fact is missing, or not because the known fact does not tell.
NO, YES, MISSING, UNTOLD = 0, 1, 2, 3
Cell = tuple[bool, ...]  # truth of every leaf of one variable
Variable = tuple[str, int]  # ("fact", first leaf of that fact) or ("leaf", leaf)


@dataclass(frozen=True, slots=True)
class _Node:
    """Compiled: a leaf (``leaf >= 0``), a negation (``count == -1``) or a threshold over ``parts``."""

    leaf: int
    count: int
    parts: tuple[_Node, ...]


class Decider:
    """A condition compiled once and asked often.

    Args:
        condition: the tree.
        domains: fact name → :class:`Domain`.
        parts: conditions within ``condition`` whose own verdicts are wanted too (the clauses of a measure).
    """

    def __init__(
        self, condition: Condition, domains: Mapping[str, Domain] | None = None, parts: Sequence[Condition] = ()
    ) -> None:
        self.leaves = leaves(condition)
        self._positions = {leaf: position for position, leaf in enumerate(self.leaves)}
        self._root = self._compile(condition)
        self._parts = tuple(self._compile(part) for part in parts)
        by_fact: dict[str, list[int]] = {}
        for position, leaf in enumerate(self.leaves):
            by_fact.setdefault(leaf.fact, []).append(position)
        self._by_fact = {fact: tuple(positions) for fact, positions in by_fact.items()}
        known = domains or {}
        self._cells = {
            fact: _cells([self.leaves[position] for position in positions], known.get(fact, Domain()))
            for fact, positions in self._by_fact.items()
        }
        self._tested: tuple[dict[tuple[type, FactValue], int], ...] = tuple({} for _ in self.leaves)
        self._decided: dict[tuple[int, ...], tuple[Decision, tuple[Decision, ...]]] = {}

    def states(self, facts: Mapping[str, Fact]) -> tuple[int, ...]:
        """State of every leaf in the order of :attr:`leaves`."""
        found = []
        for leaf, tested in zip(self.leaves, self._tested, strict=True):
            fact = facts.get(leaf.fact)
            if fact is None:
                found.append(MISSING)
                continue
            key = (type(fact.value), fact.value)
            state = tested.get(key)
            if state is None:
                truth = leaf.test(fact.value)
                state = tested[key] = UNTOLD if truth is None else int(truth)
            found.append(state)
        return tuple(found)

    def decide(self, facts: Mapping[str, Fact]) -> Decision:
        """The answer for one enterprise."""
        return self.decide_states(self.states(facts))[0]

    def decide_states(self, states: tuple[int, ...]) -> tuple[Decision, tuple[Decision, ...]]:
        """The answer for leaf states, and that of every part with those missing facts that matter for the whole."""
        answer = self._decided.get(states)
        if answer is None:
            search = _Search(self, states)
            whole = search.decide(self._root, None)
            relevant = frozenset(whole.missing)
            answer = (whole, tuple(search.decide(part, relevant) for part in self._parts))
            self._decided[states] = answer
        return answer

    def name_of(self, variable: Variable) -> str:
        """What to ask for: the missing fact, or the question the known fact leaves open."""
        kind, position = variable
        leaf = self.leaves[position]
        return leaf.fact if kind == "fact" else f"{leaf.fact}（需人工认定）"

    def variables(
        self, states: tuple[int, ...]
    ) -> tuple[dict[int, tuple[Variable, int]], dict[Variable, tuple[Cell, ...]]]:
        """For the undecided leaves: leaf → (variable, index within its cells), and variable → cells."""
        of_leaf: dict[int, tuple[Variable, int]] = {}
        cells: dict[Variable, tuple[Cell, ...]] = {}
        for fact, positions in self._by_fact.items():
            of_fact = self._cells[fact]
            for index, position in enumerate(positions):
                if states[position] == MISSING and of_fact:
                    variable = ("fact", positions[0])
                    of_leaf[position], cells[variable] = (variable, index), of_fact
                elif states[position] in (MISSING, UNTOLD):
                    variable = ("leaf", position)
                    of_leaf[position], cells[variable] = (variable, 0), ((False,), (True,))
        return of_leaf, cells

    def _compile(self, condition: Condition) -> _Node:
        if isinstance(condition, Not):
            return _Node(-1, -1, (self._compile(condition.part),))
        if isinstance(condition, All | Any | AtLeast):
            parts = tuple(self._compile(part) for part in condition.parts)
            if isinstance(condition, AtLeast):
                return _Node(-1, condition.count, parts)
            return _Node(-1, len(parts) if isinstance(condition, All) else 1, parts)
        return _Node(self._positions[condition], 0, ())


Lanes = tuple[int, ...]
Bound = dict[Variable, tuple[Cell, ...]]  # variable → its cell in every lane


class _Search:
    """One set of leaf states. Several *lanes* are decided at once: completions that differ in one variable only."""

    def __init__(self, decider: Decider, states: tuple[int, ...]) -> None:
        self.decider = decider
        self.states = states
        self.of_leaf, self.cells = decider.variables(states)
        self._free: dict[int, frozenset[Variable]] = {}

    def decide(self, node: _Node, relevant: frozenset[str] | None) -> Decision:
        """The verdict on ``node``. Its missing facts are its own, or those of ``relevant`` that it asks about."""
        outcomes = self.outcomes(node, {}, 1)
        if len(outcomes) == 1:
            return Decision(Verdict.YES if (1,) in outcomes else Verdict.NO)
        asked = sorted(self.free(node), key=lambda variable: variable[1])
        if relevant is None:
            named = [self.decider.name_of(variable) for variable in asked if self._matters(node, variable)]
        else:
            named = [name for name in map(self.decider.name_of, asked) if name in relevant]
        return Decision(Verdict.UNKNOWN, tuple(dict.fromkeys(named)))

    def _matters(self, node: _Node, variable: Variable) -> bool:
        """Whether two completions that differ in ``variable`` only give different answers."""
        first, *others = self.cells[variable]
        return any(
            not {(0, 1), (1, 0)}.isdisjoint(self.outcomes(node, {variable: (first, other)}, 2)) for other in others
        )

    def free(self, node: _Node) -> frozenset[Variable]:
        """Variables that ``node`` depends on by its form."""
        found = self._free.get(id(node))
        if found is None:
            if node.leaf >= 0:
                undecided = self.of_leaf.get(node.leaf)
                found = frozenset() if undecided is None else frozenset((undecided[0],))
            else:
                found = frozenset().union(*(self.free(part) for part in node.parts))
            self._free[id(node)] = found
        return found

    def outcomes(self, node: _Node, bound: Bound, lanes: int) -> frozenset[Lanes]:
        """Every tuple of truths (one per lane) that some completion of the unbound variables gives."""
        if node.leaf >= 0:
            return self._leaf_outcomes(node.leaf, bound, lanes)
        if node.count == -1:
            return frozenset(tuple(1 - truth for truth in lane) for lane in self.outcomes(node.parts[0], bound, lanes))
        shared = self._shared(node, bound)
        if shared is not None:
            union: frozenset[Lanes] = frozenset()
            for cell in self.cells[shared]:
                union |= self.outcomes(node, {**bound, shared: (cell,) * lanes}, lanes)
                if len(union) == 2**lanes:
                    break
            return union
        # No part shares an unbound variable with another: they vary independently, so their counts combine freely.
        counts: frozenset[Lanes] = frozenset(((0,) * lanes,))
        for part in node.parts:
            of_part = self.outcomes(part, bound, lanes)
            counts = frozenset(tuple(map(op.add, count, truth)) for count in counts for truth in of_part)
        return frozenset(tuple(int(count >= node.count) for count in lane) for lane in counts)

    def _leaf_outcomes(self, leaf: int, bound: Bound, lanes: int) -> frozenset[Lanes]:
        undecided = self.of_leaf.get(leaf)
        if undecided is None:
            return frozenset(((self.states[leaf],) * lanes,))
        variable, index = undecided
        fixed = bound.get(variable)
        if fixed is not None:
            return frozenset((tuple(int(cell[index]) for cell in fixed),))
        return frozenset((int(cell[index]),) * lanes for cell in self.cells[variable])

    def _shared(self, node: _Node, bound: Bound) -> Variable | None:
        """The first unbound variable that two parts of ``node`` depend on."""
        seen: set[Variable] = set()
        shared: set[Variable] = set()
        for part in node.parts:
            free = self.free(part)
            shared |= seen & free
            seen |= free
        return min((variable for variable in shared if variable not in bound), key=lambda v: (v[1], v[0]), default=None)


def _cells(of_fact: Sequence[Leaf], domain: Domain) -> tuple[Cell, ...]:
    """Combinations of truths that some value of the fact gives to its leaves; empty: take them as independent."""
    if any(isinstance(leaf, Within) for leaf in of_fact):
        return _place_cells(of_fact)
    points = tuple(dict.fromkeys(point for leaf in of_fact for point in leaf.points))
    kinds = {type(point) for point in points}
    if len(kinds) != 1:
        return ()
    values: Sequence[FactValue]
    kind = kinds.pop()
    if kind is bool:
        values = (False, True)
    elif kind is Decimal:
        values = _numbers([point for point in points if isinstance(point, Decimal)], domain)
    elif kind is date:
        values = _days([point for point in points if isinstance(point, date)])
    elif kind is str and len(points) <= WORDS_AT_MOST:
        words = [point for point in points if isinstance(point, str)]
        values = [chosen for size in range(len(words) + 1) for chosen in combinations(words, size)]
    else:
        return ()
    # A leaf on an unknown name tells yes or nothing: over the possible values nothing counts as no.
    return tuple(dict.fromkeys(tuple(bool(leaf.test(value)) for leaf in of_fact) for value in values))


def _numbers(points: list[Decimal], domain: Domain) -> list[Decimal]:
    """One number in every stretch that ``points`` cut the domain into, and the points themselves."""
    ordered = sorted(points)
    if domain.whole:
        near = {Decimal(end + step) for point in ordered for end in (floor(point), ceil(point)) for step in (-1, 0, 1)}
    else:
        near = {*ordered, ordered[0] - 1, ordered[-1] + 1}
        near |= {(low + high) / 2 for low, high in pairwise(ordered)}
    if domain.minimum is not None:
        near = {number for number in near if number >= domain.minimum} | {domain.minimum}
    return sorted(near)


def _days(points: list[date]) -> list[date]:
    return sorted({day + timedelta(days=step) for day in points if date.min < day < date.max for step in (-1, 0, 1)})


def _place_cells(of_fact: Sequence[Leaf]) -> tuple[Cell, ...]:
    """A place lies in exactly one line of regions, and in any of the zones that have no path."""
    if not all(isinstance(leaf, Within) for leaf in of_fact):
        return ()
    places = [leaf for leaf in of_fact if isinstance(leaf, Within)]
    zones = list(dict.fromkeys(place.name for place in places if not place.path))
    if len(zones) > WORDS_AT_MOST:
        return ()
    paths = ["", *dict.fromkeys(place.path for place in places if place.path)]
    worlds = [
        (path, frozenset(inside))
        for path in paths
        for size in range(len(zones) + 1)
        for inside in combinations(zones, size)
    ]
    return tuple(
        dict.fromkeys(
            tuple(path.startswith(place.path) if place.path else place.name in inside for place in places)
            for path, inside in worlds
        )
    )
