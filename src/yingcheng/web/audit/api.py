"""The trail for programs."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from ninja import Router

from yingcheng.web.audit.models import Entry
from yingcheng.web.rest import Chunk, chunk, operation, owner

__all__ = ["router"]

router = Router()


@router.get("/audit", response=Chunk)
@operation("audit.view", "audit:read")
def trail(request: HttpRequest, cursor: str = "", limit: int = 50, action: str = "") -> dict[str, Any]:
    """Entries the person may read, newest first."""
    user = owner(request)
    rows = Entry.objects.visible_to(user)
    if action:
        rows = rows.filter(action__startswith=action.replace("\0", ""))
    found, after = chunk(rows, cursor, limit, falling=True)
    items = [
        {
            "sequence": entry.sequence,
            "at": entry.at.isoformat(),
            "actor": entry.actor,
            "via": entry.via,
            "action": entry.action,
            "kind": entry.kind,
            "key": entry.key,
            "title": entry.title,
            "changes": json.loads(entry.changes),
            "digest": entry.digest,
        }
        for entry in found
    ]
    return {"items": items, "next": after}
