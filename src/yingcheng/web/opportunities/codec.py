"""Engine records as JSON and back, without loss."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal
from typing import Any

from yingcheng.findings import Finding, Place, Severity, SourceRow
from yingcheng.opportunities import Contact, Opportunity
from yingcheng.standards.dates import Period
from yingcheng.standards.money import Money
from yingcheng.standards.regions import region_by_code

__all__ = [
    "LISTS",
    "PLAIN",
    "decode",
    "decode_contact",
    "decode_finding",
    "decode_money",
    "decode_period",
    "encode",
    "encode_contact",
    "encode_finding",
    "encode_money",
    "encode_period",
    "encode_sources",
    "storable",
]

PLAIN = (
    "name",
    "number",
    "batch",
    "kind",
    "size",
    "summary",
    "pain",
    "need",
    "technology",
    "foundation",
    "resources",
    "expected",
    "acceptance",
    "asks",
    "funding",
    "region_text",
    "unit",
    "lead",
    "references",
    "status",
    "progress",
    "follower",
    "link",
    "max_meetings",
)
"""Fields that JSON holds as they are."""

LISTS = ("domains", "tracks", "modes", "qualifications", "candidates")
"""Tuples of texts."""


def encode_money(money: Money | None) -> dict[str, Any] | None:
    """Decimals as text, so that nothing is rounded."""
    if money is None:
        return None
    found = dataclasses.asdict(money)
    return {key: str(value) if isinstance(value, Decimal) else value for key, value in found.items()}


def decode_money(value: dict[str, Any] | None) -> Money | None:
    """Back from :func:`encode_money`."""
    if value is None:
        return None
    ends = {end: None if value[end] is None else Decimal(value[end]) for end in ("low", "high")}
    return Money(**{**value, **ends})


def encode_period(period: Period | None) -> dict[str, Any] | None:
    """Days as ISO dates."""
    if period is None:
        return None
    found = dataclasses.asdict(period)
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in found.items()}


def decode_period(value: dict[str, Any] | None) -> Period | None:
    """Back from :func:`encode_period`."""
    if value is None:
        return None
    ends = {end: None if value[end] is None else date.fromisoformat(value[end]) for end in ("start", "end")}
    return Period(**{**value, **ends})


def encode_contact(contact: Contact) -> dict[str, Any]:
    """Lists for tuples and sets."""
    return {
        "person": contact.person,
        "title": contact.title,
        "phones": list(contact.phones),
        "emails": list(contact.emails),
        "text": contact.text,
        "publishable": sorted(contact.publishable),
    }


def decode_contact(value: dict[str, Any]) -> Contact:
    """Back from :func:`encode_contact`."""
    return Contact(
        value["person"],
        value["title"],
        tuple(value["phones"]),
        tuple(value["emails"]),
        value["text"],
        frozenset(value["publishable"]),
    )


def encode_sources(sources: tuple[SourceRow, ...]) -> list[dict[str, Any]]:
    """Where a record came from."""
    return [
        {"file": row.file, "sheet": row.sheet, "row": row.row, "columns": [list(pair) for pair in row.columns]}
        for row in sources
    ]


def decode_sources(value: list[dict[str, Any]]) -> tuple[SourceRow, ...]:
    """Back from :func:`encode_sources`."""
    return tuple(
        SourceRow(row["file"], row["sheet"], row["row"], tuple((name, column) for name, column in row["columns"]))
        for row in value
    )


def encode(opportunity: Opportunity) -> dict[str, Any]:
    """The whole record."""
    return {
        "id": opportunity.id,
        **{name: getattr(opportunity, name) for name in PLAIN},
        **{name: list(getattr(opportunity, name)) for name in LISTS},
        "investment": encode_money(opportunity.investment),
        "period": encode_period(opportunity.period),
        "region": opportunity.region.code if opportunity.region else "",
        "contact": encode_contact(opportunity.contact),
        "extra": [list(pair) for pair in opportunity.extra],
        "sources": encode_sources(opportunity.sources),
    }


def decode(value: dict[str, Any]) -> Opportunity:
    """Back from :func:`encode`."""
    return Opportunity(
        id=value["id"],
        **{name: value[name] for name in PLAIN},
        **{name: tuple(value[name]) for name in LISTS},  # type: ignore[arg-type]  # lists of texts
        investment=decode_money(value["investment"]),
        period=decode_period(value["period"]),
        region=region_by_code(value["region"]) if value["region"] else None,
        contact=decode_contact(value["contact"]),
        extra=tuple((header, text) for header, text in value["extra"]),
        sources=decode_sources(value["sources"]),
    )


def storable(value: Any) -> Any:
    """JSON without NUL, which PostgreSQL does not hold; files of strangers do."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    return value


def encode_finding(finding: Finding) -> dict[str, Any]:
    """A finding with its place."""
    return {**dataclasses.asdict(finding), "severity": finding.severity.value}


def decode_finding(value: dict[str, Any]) -> Finding:
    """Back from :func:`encode_finding`."""
    return Finding(
        **{**value, "severity": Severity(value["severity"]), "place": Place(**value["place"])},
    )
