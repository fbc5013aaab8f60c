"""Measures as a rule file, YAML or JSON: :mod:`yingcheng.intake.rule_files` reads it back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from yingcheng.measures.expressions import Growth, Ratio, Sum, read_expression
from yingcheng.measures.facts import find_operator
from yingcheng.measures.outline import Group, Rule, tree_of
from yingcheng.measures.records import Clause, Measure
from yingcheng.measures.thresholds import dated_values, read_tiers, written_dated, written_tiers

__all__ = ["rules_as_json", "rules_as_yaml"]

_FIELDS = ("name", "number", "level", "category", "tool", "support", "standard", "amount", "exclusive", "budget")
_MORE = ("deadline", "validity", "days", "unit", "basis", "materials", "channel", "tracks", "link")


def rules_as_json(measures: Sequence[Measure]) -> str:
    """The measures as JSON text."""
    return json.dumps(_document(measures), ensure_ascii=False, indent=2) + "\n"


def rules_as_yaml(measures: Sequence[Measure]) -> str:
    """The measures as YAML text."""
    return yaml.safe_dump(_document(measures), allow_unicode=True, sort_keys=False, width=120)


def _document(measures: Sequence[Measure]) -> dict[str, Any]:
    return {"measures": [_measure(measure) for measure in measures]}


def _measure(measure: Measure) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in (*_FIELDS, *_MORE):
        value = getattr(measure, name)
        if value not in ("", None, ()):
            found[name] = list(value) if isinstance(value, tuple) else str(getattr(value, "text", value))
    members = [_rule(rule) for rule in tree_of(measure.clauses).tree.members]
    return {**found, "conditions": {"all": members}} if members else found


def _rule(rule: Rule) -> dict[str, Any]:
    if isinstance(rule, Clause):
        return _clause(rule)
    heading = rule.heading or Clause("", "", "")
    about = {name: value for name in ("text", "kind", "number") if (value := getattr(heading, name))}
    return {**_joined(rule), **about}


def _joined(group: Group) -> dict[str, Any]:
    members = [_rule(member) for member in group.members]
    if group.join == "at least":
        return {"at_least": str(group.count), "of": members}
    if group.join == "none" and len(members) == 1:
        return {"not": members[0]}
    return {group.join: members}


def _clause(clause: Clause) -> dict[str, Any]:
    about = {name: value for name in ("kind", "number") if (value := getattr(clause, name))}
    if clause.fact == "政策" and clause.operator == "符合":
        return {"measure": clause.value, **({"text": clause.text} if clause.text else {}), **about}
    if not clause.fact and not clause.value:
        if find_operator(clause.operator) == "human" and clause.text:
            return {"human": clause.text, **about}
        return {"text": clause.text, **({"op": clause.operator} if clause.operator else {}), **about}
    asked: Mapping[str, Any] = {**_expression(clause.fact), **({"op": clause.operator} if clause.operator else {})}
    value = _value(clause.value)
    return {**asked, **value, **({"text": clause.text} if clause.text else {}), **about}


def _expression(fact: str) -> dict[str, Any]:
    found = read_expression(fact)
    if isinstance(found, Sum) and found.written == fact:
        if all(factor == 1 for _name, factor in found.terms):
            return {"sum": [name for name, _factor in found.terms]}
        return {"sum": {name: f"{factor.normalize():f}" for name, factor in found.terms}}
    if isinstance(found, Ratio) and found.written == fact:
        return {"ratio": [found.part, found.whole]}
    if isinstance(found, Growth) and found.written == fact:
        return {
            "growth": found.fact,
            "years": str(found.years),
            **({"manner": found.manner} if found.years > 1 else {}),
        }
    return {"fact": fact}


def _value(value: str) -> dict[str, Any]:
    dated = dated_values(value)
    if dated and written_dated(dated) == value:
        return {"value": {"always" if v.since is None else v.since.isoformat(): v.value for v in dated}}
    tiers = read_tiers(value)
    if tiers and written_tiers(tiers) == value:
        lines = [piece.split("：", 1) for piece in value.split("；")]
        return {"tiers": [{"otherwise": v} if when == "其余" else {"when": when, "value": v} for when, v in lines]}
    return {"value": value} if value else {}
