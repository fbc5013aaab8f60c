"""What of an opportunity and of an enterprise is read, and how much each field counts."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache

from yingcheng.capabilities.records import Capability, Enterprise, Evidence
from yingcheng.opportunities.records import Opportunity
from yingcheng.similarity import Segment, normal_text
from yingcheng.standards.datafiles import read_toml
from yingcheng.standards.names import company_key

__all__ = ["NAME", "need_segments", "offer_segments", "unit_of", "without_boilerplate"]

NAME = "名称"
LENGTH_POWER = 0.35  # how much a long description widens the unit against which a match is measured
SHORTEST_NAME = 3  # characters of a firm's short name that is no word of its trade
LONGEST_TITLE = 20  # characters of a piece that name it

# A name says best what is wanted; pains and goals describe the asker more than the answer.
NEED_WEIGHTS = {NAME: 2.5, "需求": 1.0, "主要技术": 1.0, "简介": 1.0, "领域": 1.0, "痛点": 0.7, "预期目标": 0.7}

# What was shown counts more than what is merely registered.
OFFER_WEIGHTS = {
    "能力": 1.2,
    "佐证": 1.2,
    "核心产品": 1.1,
    "核心技术": 1.1,
    "主营业务": 1.0,
    "核心定位": 1.0,
    "案例": 1.0,
    "经营范围": 0.8,
    "经营范围（销售）": 0.4,
}

GRADE_WEIGHTS = {"A": 1.15, "B": 1.0, "C": 0.9}  # contract or acceptance, case or certificate, product text

# Who only trades in a thing rarely solves a problem with it.
_TRADES = re.compile("销售|零售|批发|经销|购销|代销|代理|租赁")
_DOES = re.compile("生产|制造|加工|研|开发|设计|施工|安装|服务|咨询|维修|工程|建设|运营|种植|养殖|检测|治疗|诊疗|制作")
_LISTED = re.compile(r"[；;\n]+")
_CLAUSE_END = re.compile(r"[；;。\n]")


def unit_of(sums: Mapping[str, float]) -> float:
    """What a match is measured against: the weight of the name, widened by a long description.

    Args:
        sums: weight of each field of a need.
    """
    total = math.fsum(sums.values())
    name = sums.get(NAME, 0.0) or total
    return float(name ** (1 - LENGTH_POWER) * total**LENGTH_POWER) if total > 0 else 1.0


@cache
def _boilerplate() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in read_toml("boilerplate.toml", room="matchmaking")["patterns"])


def without_boilerplate(text: str) -> str:
    """A normal text without the standard sentences of business scopes (``data/boilerplate.toml``)."""
    for pattern in _boilerplate():
        text = pattern.sub("\n", text)
    return text


def _segment(kind: str, text: str, weights: dict[str, float], title: str = "") -> Segment:
    return Segment(kind, _label(kind, title), normal_text(text), weights[kind])


def _label(kind: str, title: str) -> str:
    """案例“前二十字…”: quotes within are single ones."""
    plain = " ".join(title.split()).replace("“", "‘").replace("”", "’")
    shown = plain if len(plain) <= LONGEST_TITLE else plain[:LONGEST_TITLE] + "…"
    return f"{kind}“{shown}”" if shown else kind


def need_segments(opportunity: Opportunity) -> tuple[Segment, ...]:
    """The fields that say what is wanted; empty ones are left out."""
    texts = (
        (NAME, opportunity.name),
        ("需求", opportunity.need),
        ("主要技术", opportunity.technology),
        ("简介", opportunity.summary),
        ("领域", "、".join(opportunity.domains)),
        ("痛点", opportunity.pain),
        ("预期目标", opportunity.expected),
    )
    return tuple(_segment(kind, text, NEED_WEIGHTS) for kind, text in texts if text.strip())


def _capability_segments(capability: Capability) -> list[Segment]:
    told = "\n".join(part for part in (capability.name, capability.description, capability.scenario) if part)
    segments = [_segment("能力", told, OFFER_WEIGHTS, capability.name)] if told else []
    # The own claim repeats the capability itself; counting it again would reward saying things twice.
    return segments + [_shown(evidence) for evidence in capability.evidence if evidence.text and evidence.grade != "D"]


def _shown(evidence: Evidence) -> Segment:
    """What was done and accepted counts more than what is only told; the year is for people to judge."""
    year = f"（{evidence.date.year}年）" if evidence.date else ""
    weight = OFFER_WEIGHTS["佐证"] * GRADE_WEIGHTS.get(evidence.grade, GRADE_WEIGHTS["C"])
    return Segment("佐证", f"{_label(evidence.kind, evidence.text)}{year}", normal_text(evidence.text), weight)


def _scope_segments(scope: str) -> list[Segment]:
    clauses = [part for part in _CLAUSE_END.split(without_boilerplate(normal_text(scope))) if part.strip()]
    traded = [clause for clause in clauses if _TRADES.search(clause) and not _DOES.search(clause)]
    done = [clause for clause in clauses if clause not in traded]
    kinds = (("经营范围", done), ("经营范围（销售）", traded))
    return [Segment(kind, kind, "\n".join(parts), OFFER_WEIGHTS[kind]) for kind, parts in kinds if parts]


def _own_names(enterprise: Enterprise) -> list[str]:
    """The names of a firm, longest first: 招商局 in its own texts answers no call for 招商."""
    names = {normal_text(name).strip() for name in (enterprise.name, *enterprise.aliases)} - {""}
    names |= {key for name in names if len(key := normal_text(company_key(name))) >= SHORTEST_NAME}
    return sorted(names, key=lambda name: (-len(name), name))


def _told_once(cases: str, told: Iterable[str]) -> str:
    """The cases of a profile without those that a capability shows as evidence."""
    known = {normal_text(text).strip() for text in told}
    return "\n".join(part for part in _LISTED.split(cases) if normal_text(part).strip() not in known)


def offer_segments(enterprise: Enterprise) -> tuple[Segment, ...]:
    """Every piece that says what the enterprise can do; no boilerplate, no own name, no statement twice."""
    segments: list[Segment] = []
    for capability in enterprise.capabilities:
        segments += _capability_segments(capability)
    shown = [evidence.text for capability in enterprise.capabilities for evidence in capability.evidence]
    texts = (
        ("核心产品", enterprise.products),
        ("核心技术", enterprise.technologies),
        ("主营业务", enterprise.business),
        ("核心定位", enterprise.position),
        ("案例", _told_once(enterprise.cases, shown)),
    )
    segments += [_segment(kind, text, OFFER_WEIGHTS) for kind, text in texts if text.strip()]
    segments += _scope_segments(enterprise.scope)
    names = _own_names(enterprise)
    distinct: dict[str, Segment] = {}
    for segment in segments:  # the same sentence in two columns is one statement
        text = segment.text
        for name in names:
            text = text.replace(name, "\n")
        if text.strip():
            distinct.setdefault(text, replace(segment, text=text))
    return tuple(distinct.values())
