"""Conditions in three values: 符合, 不符合, 还需材料.

A leaf whose fact is missing has no value (strong Kleene logic, S. C. Kleene, Introduction to Metamathematics, 1952,
§64), and where the same missing fact is asked for more than once the tree is decided over all its possible values
(supervaluation, B. van Fraassen, J. Philosophy 63, 1966): the answer is 符合 exactly if every completion of the
missing facts says so, 不符合 exactly if none does, and 还需材料 otherwise. Only those missing facts are named that
change the answer in some completion.

Facts that stand in one branch only are folded bottom-up; only those that two branches share are tried cell by cell
(:mod:`yingcheng.measures.worlds`), so that the usual measure costs one pass. Where that would take more than
:data:`STEPS` the tree is folded as if its leaves were independent: a 符合 or 不符合 is still right, a 还需材料 may
be one too many, and :attr:`Decision.complete` says so.
"""

from __future__ import annotations

import operator as op
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from yingcheng.measures.conditions import (
    All,
    Any,
    AtLeast,
    Condition,
    Domain,
    Leaf,
    Linear,
    Not,
    facts_of,
    leaves,
)
from yingcheng.measures.records import Facts, Verdict
from yingcheng.measures.worlds import Cell, Question, joint_question, questions

__all__ = ["MISSING", "NO", "UNTOLD", "YES", "Decider", "Decision", "Open", "State", "open_state"]

STEPS = 20_000

# A state of one leaf: decided; not, because its fact is missing; not, because the known fact does not tell.
NO, YES, MISSING, UNTOLD = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Open:
    """State of an inequality that can go either way and shares its missing facts with no other leaf."""

    facts: tuple[str, ...]  # those that can turn it


State = int | Open | Linear
"""Of an inequality also the rest that is left to ask, where it shares missing facts with other leaves."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, and the missing facts that can change it in tree order (none unless the answer is 还需材料).

    ``complete`` is false where the bound was met: then the answer may be more cautious than it had to be.
    """

    verdict: Verdict
    missing: tuple[str, ...] = ()
    complete: bool = True


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
        self.domains = domains or {}
        self._positions = {leaf: position for position, leaf in enumerate(self.leaves)}
        self._root = self._compile(condition)
        self._parts = tuple(self._compile(part) for part in parts)
        self._by_fact: dict[str, list[int]] = {}
        for position, leaf in enumerate(self.leaves):
            for fact in facts_of(leaf):
                self._by_fact.setdefault(fact, []).append(position)
        self.shared = frozenset(fact for fact, positions in self._by_fact.items() if len(positions) > 1)
        self._tested: tuple[dict[object, int], ...] = tuple({} for _ in self.leaves)
        self._decided: dict[tuple[State, ...], tuple[Decision, tuple[Decision, ...]]] = {}

    def states(self, facts: Facts) -> tuple[State, ...]:
        """State of every leaf in the order of :attr:`leaves`."""
        found: list[State] = []
        for leaf, tested in zip(self.leaves, self._tested, strict=True):
            if isinstance(leaf, Linear):
                found.append(open_state(leaf, facts, self.domains, self.shared))
                continue
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

    def decide(self, facts: Facts) -> Decision:
        """The answer for one enterprise."""
        return self.decide_states(self.states(facts))[0]

    def verdict(self, states: tuple[State, ...]) -> Verdict:
        """The answer alone: cheaper than finding out what is missing."""
        root = _folded(self._root, states)
        return _Search(self.questions(states, _leaves_of(root))).verdict(root)[0]

    def decide_states(self, states: tuple[State, ...]) -> tuple[Decision, tuple[Decision, ...]]:
        """The answer for leaf states, and that of every part with those missing facts that matter for the whole."""
        answer = self._decided.get(states)
        if answer is None:
            root, *parts = (_folded(node, states) for node in (self._root, *self._parts))
            search = _Search(self.questions(states, _leaves_of(root).union(*map(_leaves_of, parts))))
            whole = search.decide(root, None)
            relevant = frozenset(whole.missing)
            answer = (whole, tuple(search.decide(part, relevant) for part in parts))
            if not any(isinstance(state, Linear) for state in states):  # those are an enterprise's own
                self._decided[states] = answer
        return answer

    def questions(self, states: tuple[State, ...], wanted: frozenset[int]) -> tuple[Question, ...]:
        """What the undecided leaves ask, in tree order; only those at the ``wanted`` positions."""
        missing: dict[str, list[int]] = {}
        untold: dict[str, None] = {}
        found: list[Question] = []
        joined = self._joined(states, wanted)
        for position in sorted(wanted):
            leaf, state = self.leaves[position], states[position]
            if isinstance(state, Open):
                found.append(Question((position,), _EITHER, state.facts))
            elif isinstance(leaf, Linear):
                if state == UNTOLD:
                    found.append(_yes_or_no(position, _by_person("、".join(leaf.facts))))
            elif state == MISSING and leaf.fact not in joined:
                missing.setdefault(leaf.fact, []).append(position)
            elif state == UNTOLD:
                untold[leaf.fact] = None
        for fact, positions in missing.items():
            found += questions(fact, {p: self.leaves[p] for p in positions}, self.domains.get(fact, Domain()))
        for fact in untold:
            found += self._untold(fact, states, wanted)
        for group in dict.fromkeys(joined.values()):
            found += self._together(group, states, wanted)
        return tuple(sorted(found, key=lambda question: question.leaves))

    def _joined(self, states: tuple[State, ...], wanted: frozenset[int]) -> dict[str, tuple[str, ...]]:
        """Missing facts that inequalities join → all those they are joined with."""
        groups: list[tuple[str, ...]] = []
        for position in sorted(wanted):
            state = states[position]
            if isinstance(state, Linear):
                touched = [group for group in groups if set(group) & set(state.facts)]
                merged = tuple(dict.fromkeys([*(name for group in touched for name in group), *state.facts]))
                groups = [*(group for group in groups if group not in touched), merged]
        return {name: group for group in groups for name in group}

    def _together(self, group: tuple[str, ...], states: tuple[State, ...], wanted: frozenset[int]) -> list[Question]:
        of_group: dict[int, Leaf] = {}
        for position in sorted(wanted):
            leaf, state = self.leaves[position], states[position]
            if isinstance(state, Linear):
                if set(state.facts) & set(group):
                    of_group[position] = state
            elif state == MISSING and not isinstance(leaf, Linear) and leaf.fact in group:
                of_group[position] = leaf
        question = joint_question(of_group, self.domains)
        if question is not None:
            return [question]
        return [Question((p,), _EITHER, facts_of(leaf), complete=False) for p, leaf in of_group.items()]

    def _untold(self, fact: str, states: tuple[State, ...], wanted: frozenset[int]) -> list[Question]:
        """A known fact that does not tell still rules out what contradicts it: whoever is in 山西省 is in one city."""
        told = {p: states[p] for p in self._by_fact[fact] if not isinstance(self.leaves[p], Linear)}
        found: list[Question] = []
        for question in questions(fact, {p: self.leaves[p] for p in told}, self.domains.get(fact, Domain())):
            open_ones = [index for index, p in enumerate(question.leaves) if told[p] == UNTOLD and p in wanted]
            if not open_ones:
                continue
            cells = tuple(
                dict.fromkeys(
                    tuple(cell[index] for index in open_ones)
                    for cell in question.cells
                    if all(told[p] in (UNTOLD, truth) for p, truth in zip(question.leaves, cell, strict=True))
                )
            )
            left = tuple(question.leaves[index] for index in open_ones)
            if cells:
                found.append(Question(left, cells, (_by_person(fact),), question.complete))
            else:  # of another type than the leaves expect: a person decides each
                found += [_yes_or_no(position, _by_person(fact)) for position in left]
        return found

    def _compile(self, condition: Condition) -> _Node:
        if isinstance(condition, Not):
            return _Node(-1, -1, (self._compile(condition.part),))
        if isinstance(condition, All | Any | AtLeast):
            parts = tuple(self._compile(part) for part in condition.parts)
            if isinstance(condition, AtLeast):
                return _Node(-1, condition.count, parts)
            return _Node(-1, len(parts) if isinstance(condition, All) else 1, parts)
        return _Node(self._positions[condition], 0, ())


_EITHER: tuple[Cell, ...] = ((False,), (True,))
_NEVER, _ALWAYS = _Node(-1, 1, ()), _Node(-1, 0, ())


def _leaves_of(node: _Node) -> frozenset[int]:
    if node.leaf >= 0:
        return frozenset((node.leaf,))
    return frozenset().union(*map(_leaves_of, node.parts))


def _folded(node: _Node, states: tuple[State, ...]) -> _Node:
    """The tree with its decided leaves taken out; :data:`_ALWAYS` or :data:`_NEVER` where nothing is left."""
    if node.leaf >= 0:
        state = states[node.leaf]
        return _ALWAYS if state == YES else _NEVER if state == NO else node
    if node.count == -1:
        part = _folded(node.parts[0], states)
        return _NEVER if part is _ALWAYS else _ALWAYS if part is _NEVER else _Node(-1, -1, (part,))
    parts = [_folded(part, states) for part in node.parts]
    count = node.count - sum(part is _ALWAYS for part in parts)
    left = tuple(part for part in parts if part is not _ALWAYS and part is not _NEVER)
    if count <= 0:
        return _ALWAYS
    if count > len(left):
        return _NEVER
    return left[0] if len(left) == 1 else _Node(-1, count, left)


def _by_person(fact: str) -> str:
    return f"{fact}（需人工认定）"


def _yes_or_no(position: int, name: str) -> Question:
    return Question((position,), _EITHER, (name,))


def open_state(leaf: Linear, facts: Facts, domains: Mapping[str, Domain], shared: frozenset[str]) -> State:
    """State of an inequality: decided, whatever the missing facts are, or what is left of it.

    Args:
        leaf: the inequality.
        facts: what is known.
        domains: the possible values of what is not.
        shared: facts that other leaves ask for too.
    """
    known: dict[str, Decimal] = {}
    for name in leaf.facts:
        fact = facts.get(name)
        if fact is not None:
            if not isinstance(fact.value, Decimal):
                return UNTOLD
            known[name] = fact.value
    rest = leaf.given(known)
    if isinstance(rest, bool):
        return int(rest)
    return _state_of_rest(rest, domains, shared)


def _state_of_rest(rest: Linear, domains: Mapping[str, Domain], shared: frozenset[str]) -> State:
    if not shared.intersection(rest.facts) and not _has_limits(rest, domains):
        can_be = _truths_of_sum(rest, domains)
        if True not in can_be:
            return NO
        turning = dict.fromkeys(name for name, factor in rest.terms if factor and len(can_be) == 2)
        nothing = {name for name in rest.positive if _can_be_nothing(name, domains)}
        facts = tuple(name for name in rest.facts if name in turning or name in nothing)
        return Open(facts) if facts else YES
    if _has_limits(rest, domains):
        question = joint_question({0: rest}, domains)
        return int(question.cells[0][0]) if question is not None and len(question.cells) == 1 else rest
    can_be = _truths_of_sum(rest, domains)
    if True not in can_be:
        return NO
    return rest if False in can_be or any(_can_be_nothing(name, domains) for name in rest.positive) else YES


def _has_limits(rest: Linear, domains: Mapping[str, Domain]) -> bool:
    """Whether more than lower limits has to be looked at: an upper limit, or equality between whole numbers."""
    return any(
        domain.maximum is not None or (rest.operator in ("==", "!=") and domain.whole)
        for domain in (domains.get(name, Domain()) for name in rest.facts)
    )


def _can_be_nothing(name: str, domains: Mapping[str, Domain]) -> bool:
    minimum = domains.get(name, Domain()).minimum
    return minimum is None or minimum <= 0


def _truths_of_sum(rest: Linear, domains: Mapping[str, Domain]) -> set[bool]:
    """What the comparison can be while the positive facts are; without upper limits on the facts."""
    low: Decimal | None = Decimal(0)
    high: Decimal | None = Decimal(0)
    low_out = high_out = False  # the end itself is not reached
    for name, factor in rest.terms:
        minimum = domains.get(name, Domain()).minimum
        positive = name in rest.positive and (minimum is None or minimum <= 0)
        start = (Decimal(1) if domains.get(name, Domain()).whole else Decimal(0)) if positive else minimum
        out = positive and not domains.get(name, Domain()).whole
        if factor > 0:
            low = None if low is None or start is None else low + factor * start
            high = None
            low_out |= out
        elif factor < 0:
            high = None if high is None or start is None else high + factor * start
            low = None
            high_out |= out
    value, sign = rest.value, rest.operator
    below = low is None or low < value
    above = high is None or high > value
    meets = (low is None or low < value or (low == value and not low_out)) and (
        high is None or high > value or (high == value and not high_out)
    )
    can = {
        ">=": (above or meets, below),
        ">": (above, below or meets),
        "<=": (below or meets, above),
        "<": (below, above or meets),
        "==": (meets, below or above),
        "!=": (below or above, meets),
    }[sign]
    return {truth for truth, possible in zip((True, False), can, strict=True) if possible}


Lanes = tuple[int, ...]
Bound = dict[int, tuple[Cell, ...]]  # question → its cell in every lane


class _TooMuch(Exception):  # noqa: N818 — ends a search at its bound, never leaves this module
    pass


class _Search:
    """One set of leaf states. Several *lanes* are decided at once: completions that differ in one question only."""

    def __init__(self, asked: tuple[Question, ...]) -> None:
        self.questions = asked
        self.of_leaf = {
            position: (number, index)
            for number, question in enumerate(asked)
            for index, position in enumerate(question.leaves)
        }
        self.steps = 0
        self._kept: list[_Node] = []  # the caches know nodes by their place in memory
        self._free: dict[int, frozenset[int]] = {}
        self._known: dict[object, frozenset[Lanes]] = {}

    def verdict(self, node: _Node) -> tuple[Verdict, bool]:
        """The verdict on ``node``, and whether it is complete."""
        self._kept.append(node)
        try:
            self.steps = 0
            outcomes, complete = self.outcomes(node, {}, 1), all(q.complete for q in self.questions)
        except _TooMuch:
            outcomes, complete = self._kleene(node), False
        if len(outcomes) == 1:
            return (Verdict.YES if (1,) in outcomes else Verdict.NO), True
        return Verdict.UNKNOWN, complete

    def decide(self, node: _Node, relevant: frozenset[str] | None) -> Decision:
        """The verdict on ``node``. Its missing facts are its own, or those of ``relevant`` that it asks about."""
        verdict, complete = self.verdict(node)
        if verdict is not Verdict.UNKNOWN:
            return Decision(verdict)
        named: dict[str, None] = {}
        for number in sorted(self.free(node)):
            question = self.questions[number]
            for name in question.facts:
                if name in named or (relevant is not None and name not in relevant):
                    continue
                if relevant is None:
                    matters = self._matters(node, number, question.pairs(name))
                    complete &= matters is not None
                    if matters is False:
                        continue
                named[name] = None
        return Decision(Verdict.UNKNOWN, tuple(named), complete)

    def _matters(self, node: _Node, number: int, pairs: Sequence[tuple[Cell, Cell]]) -> bool | None:
        """Whether two completions that differ in one fact only give different answers; ``None``: not found out."""
        try:
            self.steps = 0
            return any(not {(0, 1), (1, 0)}.isdisjoint(self.outcomes(node, {number: pair}, 2)) for pair in pairs)
        except _TooMuch:
            return None

    def free(self, node: _Node) -> frozenset[int]:
        """Questions that ``node`` depends on by its form."""
        found = self._free.get(id(node))
        if found is None:
            if node.leaf >= 0:
                found = frozenset((self.of_leaf[node.leaf][0],))
            else:
                found = frozenset().union(*(self.free(part) for part in node.parts))
            self._free[id(node)] = found
        return found

    def outcomes(self, node: _Node, bound: Bound, lanes: int) -> frozenset[Lanes]:
        """Every tuple of truths (one per lane) that some completion of the unbound questions gives."""
        if node.leaf >= 0:
            return self._leaf_outcomes(node.leaf, bound, lanes)
        if node.count == -1:
            return frozenset(tuple(1 - truth for truth in lane) for lane in self.outcomes(node.parts[0], bound, lanes))
        free = self.free(node)
        key = (id(node), lanes, tuple((number, cells) for number, cells in bound.items() if number in free))
        known = self._known.get(key)
        if known is None:
            self.steps += 1
            if self.steps > STEPS:
                raise _TooMuch
            known = self._known[key] = self._group_outcomes(node, bound, lanes)
        return known

    def _group_outcomes(self, node: _Node, bound: Bound, lanes: int) -> frozenset[Lanes]:
        shared = self._shared(node, bound)
        if shared is not None:
            union: frozenset[Lanes] = frozenset()
            for cell in self.questions[shared].cells:
                union |= self.outcomes(node, {**bound, shared: (cell,) * lanes}, lanes)
                if len(union) == 2**lanes:
                    break
            return union
        # No part shares an unbound question with another: they vary independently, so their counts combine freely.
        counts: frozenset[Lanes] = frozenset(((0,) * lanes,))
        for part in node.parts:
            of_part = self.outcomes(part, bound, lanes)
            counts = frozenset(tuple(map(op.add, count, truth)) for count in counts for truth in of_part)
        return frozenset(tuple(int(count >= node.count) for count in lane) for lane in counts)

    def _leaf_outcomes(self, leaf: int, bound: Bound, lanes: int) -> frozenset[Lanes]:
        number, index = self.of_leaf[leaf]
        fixed = bound.get(number)
        if fixed is not None:
            return frozenset((tuple(int(cell[index]) for cell in fixed),))
        return frozenset((int(cell[index]),) * lanes for cell in self.questions[number].cells)

    def _shared(self, node: _Node, bound: Bound) -> int | None:
        """The first unbound question that two parts of ``node`` depend on."""
        seen: set[int] = set()
        shared: set[int] = set()
        for part in node.parts:
            free = self.free(part)
            shared |= seen & free
            seen |= free
        return min((number for number in shared if number not in bound), default=None)

    def _kleene(self, node: _Node) -> frozenset[Lanes]:
        """Plain Kleene: every leaf on its own."""
        if node.leaf >= 0:
            return self._leaf_outcomes(node.leaf, {}, 1)
        parts = [self._kleene(part) for part in node.parts]
        if node.count == -1:
            return frozenset((1 - truth,) for (truth,) in parts[0])
        least = sum((0,) not in part for part in parts)
        most = sum((1,) in part for part in parts)
        return frozenset({(int(least >= node.count),), (int(most >= node.count),)})
