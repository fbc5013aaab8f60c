"""Values that depend: on the day (``500万元；2026-01-01起：800万元``) or on another fact (a tier table).

A tier table is written ``营业收入<5000万元：5%；营业收入<2亿元：4%；其余：3%``: the first tier that holds counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from yingcheng.measures.facts import find_fact
from yingcheng.standards.dates import parse_date, parse_period
from yingcheng.standards.text import one_line

__all__ = ["DatedValue", "Tier", "dated_values", "read_tiers", "value_on", "written_dated", "written_tiers"]


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A value and the day from which it holds; ``None``: always, until the next one."""

    since: date | None
    value: str


@dataclass(frozen=True, slots=True)
class Tier:
    """One line of a tier table: where the fact is so, this value; no fact: the rest."""

    fact: str
    operator: str
    bound: str
    value: str


_SINCE = re.compile(r"^自?(?P<day>[^起:：]*\d[^起:：]*)起(?:执行|施行|实施)?(?:为|：|:|，|,)?\s*(?P<value>.+)$")
_REST = re.compile(r"^(?:其余|其他|其它|否则|以外)$")
_SIGN = re.compile(
    r"^(>=|<=|≥|≤|>|<|＞|＜|不超过|不少于|不低于|不高于|超过|低于|大于|小于|高于|不足|不满|满|属于|等于|为|是|具有)(.+)$"
)
_BEHIND = re.compile(r"^(.+?)(?:\(含\)|（含）|及)?(以上|以下|以内)$")


def _pieces(text: str) -> list[str]:
    return [piece.strip() for piece in re.split(r"[；;\n]", one_line(text)) if piece.strip()]


def _day(text: str) -> date | None:
    period = parse_period(text)
    return parse_date(text) or (period.start if period is not None else None)


def dated_values(text: str) -> tuple[DatedValue, ...]:
    """The values of a cell by day, earliest first; empty where it holds no days."""
    found: list[DatedValue] = []
    dated = False
    for piece in _pieces(text):
        match = _SINCE.match(piece)
        since = _day(match["day"]) if match else None
        if match and since:
            dated = True
            found.append(DatedValue(since, match["value"].strip()))
        else:
            found.append(DatedValue(None, re.sub(r"^(?:此前|之前|以前)(?:为|：|:)?", "", piece)))
    if not dated or sum(value.since is None for value in found) > 1:
        return ()
    return tuple(sorted(found, key=lambda value: value.since or date.min))


def value_on(values: tuple[DatedValue, ...], day: date) -> str | None:
    """The value in force on a day; ``None`` before the first."""
    held = [value.value for value in values if value.since is None or value.since <= day]
    return held[-1] if held else None


def written_dated(values: tuple[DatedValue, ...]) -> str:
    """The text that :func:`dated_values` reads back."""
    return "；".join(v.value if v.since is None else f"{v.since.isoformat()}起：{v.value}" for v in values)


def read_tiers(text: str) -> tuple[Tier, ...]:
    """The tiers of a cell; empty where it holds no tier table. The fact is named once and understood from then on."""
    tiers: list[Tier] = []
    fact = ""
    for piece in _pieces(text):
        when, colon, value = re.sub("[：:]", "：", piece, count=1).partition("：")
        if not colon or not value.strip():
            return ()
        when = when.strip()
        if _REST.match(when):
            tiers.append(Tier("", "", "", value.strip()))
            continue
        named = _fact_at_start(when)
        fact, rest = named or (fact, when)
        if not fact:
            return ()
        tiers.append(_tier(fact, rest.removeprefix("在").strip(), value.strip()))
    return tuple(tiers) if len(tiers) > 1 and any(tier.fact for tier in tiers) else ()


def _fact_at_start(text: str) -> tuple[str, str] | None:
    for end in range(min(len(text), 16), 1, -1):
        if find_fact(text[:end])[0] is not None:
            return text[:end], text[end:]
    return None


def _tier(fact: str, condition: str, value: str) -> Tier:
    sign = _SIGN.match(condition)
    if sign:
        return Tier(fact, sign.group(1), sign.group(2).strip(), value)
    behind = _BEHIND.match(condition)
    if behind:
        return Tier(fact, behind.group(2), behind.group(1).strip(), value)
    return Tier(fact, "介于" if re.search(r"\d.*[-—–~～至到]", condition) else "", condition, value)


def written_tiers(tiers: tuple[Tier, ...]) -> str:
    """The text that :func:`read_tiers` reads back."""
    return "；".join(
        f"其余：{tier.value}"
        if not tier.fact
        else f"{tier.fact}{tier.bound}{tier.operator}：{tier.value}"
        if tier.operator in ("以上", "以下", "以内")
        else f"{tier.fact}{'' if tier.operator == '介于' else tier.operator}{tier.bound}：{tier.value}"
        for tier in tiers
    )
