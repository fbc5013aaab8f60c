"""What differs between two records, field by field, as people read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from yingcheng.opportunities import Contact, Opportunity
from yingcheng.publish.wording import written
from yingcheng.standards.regions import Region
from yingcheng.web.opportunities.models import FIELD_LABELS

__all__ = ["COMPARED", "differences", "shown", "with_fields"]

COMPARED = tuple(name for name in FIELD_LABELS if name != "region_text")


def shown(value: Any) -> str:
    """A value for a comparison. Of a contact only that there is one, and what may be published."""
    if value is None:
        return ""
    if isinstance(value, Contact):
        given = [
            label
            for label, there in ((_("姓名"), value.person), (_("电话"), value.phones), (_("邮箱"), value.emails))
            if there
        ]
        consent = (
            _("同意公开 {count} 项").format(count=len(value.publishable)) if value.publishable else _("未同意公开")
        )
        return f"{'、'.join(given)}（{consent}）" if given else ""
    if isinstance(value, Region):
        return value.path
    if isinstance(value, tuple):
        return "、".join("：".join(item) if isinstance(item, tuple) else str(item) for item in value)
    if isinstance(value, str | int):
        return str(value)
    return written(value)


def differences(before: Opportunity, after: Opportunity, fields: Iterable[str] = COMPARED) -> list[dict[str, Any]]:
    """The fields that differ, with both values as text."""
    found = []
    for name in fields:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            found.append({"field": name, "before": shown(old), "after": shown(new)})
    return found


def with_fields(record: Opportunity, other: Opportunity, fields: Iterable[str]) -> Opportunity:
    """The record with some fields of another."""
    changes = {name: getattr(other, name) for name in fields}
    if "region" in changes:
        changes["region_text"] = other.region_text
    return replace(record, **changes)
