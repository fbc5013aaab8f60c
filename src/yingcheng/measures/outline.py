"""Clauses as rows of a table ⇄ clauses as a tree.

A row is a clause, or a heading that joins the rows numbered below it: ``2 任一满足`` joins 2.1 and 2.2. Rows without a
number stand on the first level; there, rows of the same group (组) are alternatives, and everything else must hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from yingcheng.measures.facts import find_join, join_word
from yingcheng.measures.records import Clause
from yingcheng.standards.text import one_line

__all__ = ["Group", "Outline", "Rule", "is_heading", "outline_path", "rows_of", "tree_of"]


@dataclass(frozen=True, slots=True)
class Group:
    """Rules joined: ``all``, ``any``, ``none`` or ``at least`` (with ``count``) of ``members`` hold."""

    join: str
    members: tuple[Rule, ...]
    count: int = 0
    heading: Clause | None = None  # the row it was read from; an own text of the group


Rule = Group | Clause


@dataclass(frozen=True, slots=True)
class Outline:
    """The tree of some rows, and the rows that do not fit in: (position, what is wrong)."""

    tree: Group
    faults: tuple[tuple[int, str], ...] = ()


_SEPARATOR = re.compile(r"[.．。\-—、]+")


def outline_path(outline: str) -> tuple[str, ...]:
    """The levels of a number: 2.1 → 2, 1."""
    return tuple(part for part in _SEPARATOR.split(one_line(outline).replace(" ", "").strip(".()（）")) if part)


def is_heading(clause: Clause) -> bool:
    """Whether a row joins others: it asks for no fact, and its comparison is a word that joins."""
    return not one_line(clause.fact) and not one_line(clause.value) and bool(find_join(clause.operator)[0])


def tree_of(clauses: Sequence[Clause]) -> Outline:
    """The tree of the rows, in their order.

    Faults: ``outline-parent`` (a row stands below one that is no heading; it is taken on the first level),
    ``outline-repeated`` (the same number twice), ``empty-group`` (a heading that joins nothing).
    """
    headings: dict[tuple[str, ...], int] = {}
    faults: list[tuple[int, str]] = []
    seen: set[tuple[str, ...]] = set()
    members: dict[int, list[int]] = {-1: []}
    for position, clause in enumerate(clauses):
        path = outline_path(clause.outline)
        if path and path in seen:
            faults.append((position, "outline-repeated"))
        seen.add(path)
        if is_heading(clause):
            members[position] = []
            if path:
                headings.setdefault(path, position)
    for position, clause in enumerate(clauses):
        path = outline_path(clause.outline)
        parent = headings.get(path[:-1]) if len(path) > 1 else None
        if len(path) > 1 and path[:-1] in seen and parent is None:
            faults.append((position, "outline-parent"))
        members[-1 if parent is None else parent].append(position)
    faults += [(p, "empty-group") for p, clause in enumerate(clauses) if is_heading(clause) and not members[p]]

    def rule(position: int) -> Rule:
        clause = clauses[position]
        if position not in members or not members[position]:
            return replace(clause, outline="", group="")
        join, count = find_join(clause.operator)
        return Group(join, tuple(map(rule, members[position])), count, replace(clause, outline="", group=""))

    return Outline(Group("all", tuple(_alternatives(clauses, members[-1], rule))), tuple(sorted(faults)))


def _alternatives(clauses: Sequence[Clause], positions: Sequence[int], rule: Callable[[int], Rule]) -> Iterator[Rule]:
    groups: dict[str, list[int]] = {}
    for position in positions:
        groups.setdefault(one_line(clauses[position].group) or f"\n{position}", []).append(position)
    for of_group in groups.values():
        rules = tuple(map(rule, of_group))
        yield rules[0] if len(rules) == 1 else Group("any", rules)


def rows_of(tree: Group) -> tuple[Clause, ...]:
    """The rows of a tree; :func:`tree_of` gives it back, as long as no group is empty."""

    def below(rule: Rule, number: str) -> Iterator[Clause]:
        if isinstance(rule, Clause):
            yield replace(rule, outline=number)
            return
        heading = rule.heading or Clause("", "", "")
        yield replace(heading, outline=number, operator=join_word(rule.join, rule.count))
        for index, member in enumerate(rule.members, start=1):
            yield from below(member, f"{number}.{index}")

    return tuple(row for index, member in enumerate(tree.members, start=1) for row in below(member, str(index)))
