"""Cells of the officers' list."""

from __future__ import annotations

from typing import Any

from django import template

from yingcheng.web.opportunities.comparing import shown
from yingcheng.web.opportunities.models import FIELD_LABELS, Opportunity

__all__ = ["cell", "percent", "register"]

register = template.Library()


@register.inclusion_tag("opportunities/_cell.html")
def cell(row: Opportunity, field: str, may_edit: bool, is_open: bool) -> dict[str, Any]:
    """A field as text, to be edited in its place by those who may."""
    value = shown(getattr(row.to_engine(), field))
    return {"row": row, "field": field, "label": FIELD_LABELS[field], "value": value, "editable": may_edit and is_open}


@register.simple_tag
def percent(share: float) -> str:
    """A share as people read it."""
    return f"{share:.0%}"
