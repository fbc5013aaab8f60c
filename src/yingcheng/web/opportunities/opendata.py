"""What is published, in forms for programs."""

from __future__ import annotations

import json
from typing import Any

from yingcheng.opportunities import Opportunity as Record
from yingcheng.opportunities.disclosure import reach_through
from yingcheng.web.opportunities.comparing import shown
from yingcheng.web.opportunities.models import Publication

__all__ = ["DETAIL", "as_open_data", "json_ld"]

DETAIL = ("summary", "pain", "need", "technology", "foundation", "resources", "expected", "acceptance", "modes",
           "qualifications", "asks", "investment", "funding", "period", "region", "size", "kind")  # fmt: skip
_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def json_ld(publication: Publication, record: Record, address: str) -> str:
    """The entry as schema.org ``Demand``, safe inside a script element."""
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Demand",
        "@id": address,
        "url": address,
        "name": record.name,
        "description": "\n".join(text for text in (record.unit, record.summary, record.need) if text),
        "availabilityStarts": publication.first_published_at.date().isoformat(),
        "category": list(record.tracks),
    }
    if record.region:
        found["areaServed"] = {"@type": "AdministrativeArea", "name": record.region.path}
    if publication.closes_on:
        found["availabilityEnds"] = publication.closes_on.isoformat()
    return json.dumps(found, ensure_ascii=False).translate(_ESCAPES)


def as_open_data(publication: Publication, record: Record, address: str) -> dict[str, Any]:
    """An entry as plain JSON: texts as people read them."""
    return {
        "id": publication.reference,
        "url": address,
        "city": publication.city.name,
        "version": publication.version.number,
        "first_published": publication.first_published_at.isoformat(),
        "published": publication.published_at.isoformat(),
        "closes_on": publication.closes_on.isoformat() if publication.closes_on else None,
        "ended": publication.ended,
        "name": record.name,
        "unit": record.unit,
        "lead": record.lead,
        "tracks": list(record.tracks),
        **{name: shown(getattr(record, name)) for name in DETAIL},
        "contact": reach_through(record),
    }
