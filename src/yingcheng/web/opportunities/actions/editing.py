"""A person changes one opportunity; what was decided stays decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from yingcheng.errors import Conflict, WrongState
from yingcheng.opportunities import Contact
from yingcheng.opportunities import Opportunity as Record
from yingcheng.opportunities.disclosure import without_personal
from yingcheng.web.accounts.actor import Actor
from yingcheng.web.audit.actions import record
from yingcheng.web.opportunities.actions.access import find_opportunity, open_batch, touched
from yingcheng.web.opportunities.comparing import COMPARED, differences, shown
from yingcheng.web.opportunities.models import Batch, ContactCard, Opportunity
from yingcheng.web.permissions import require

__all__ = ["EditConflict", "Revealed", "desensitise", "edit", "restore", "reveal_contact", "withdraw"]


class EditConflict(Conflict):
    """Somebody else saved first. ``theirs`` is what they made of the fields that both changed: field → text."""

    def __init__(self, what: str, *, version: int, theirs: Mapping[str, str], remedy: str = "") -> None:
        self.version = version
        self.theirs = dict(theirs)
        super().__init__(what, remedy=remedy)


@dataclass(frozen=True, slots=True)
class Revealed:
    """A contact, shown to one person once, with an entry in the trail."""

    contact: Contact


def _locked(opportunity_id: int, by: Actor, action: str) -> tuple[Opportunity, Batch]:
    found = find_opportunity(opportunity_id, by)
    batch = open_batch(found.batch_id, by, action)
    row = Opportunity.objects.select_for_update(of=("self",)).select_related("card").get(pk=opportunity_id)
    return row, batch


def edit(*, opportunity_id: int, version: int, changes: Mapping[str, Any], by: Actor) -> Opportunity:
    """Change fields of an opportunity.

    Args:
        opportunity_id: which.
        version: the version the person looked at.
        changes: field of the engine's record → its new value, already read by the engine.
        by: who.

    Raises:
        EditConflict: somebody else has changed it since; nothing is written.
    """
    unknown = set(changes) - set(COMPARED) - {"region_text"}
    if unknown:
        raise ValueError(f"no such fields: {sorted(unknown)}")
    with transaction.atomic():
        row, batch = _locked(opportunity_id, by, "opportunity.edit")
        before = row.to_engine(row.card.to_engine())
        if row.version != version:
            theirs = {name: shown(getattr(before, name)) for name in changes if name != "region_text"}
            raise EditConflict(
                _("“{name}”刚刚被别人修改过").format(name=row.name),
                version=row.version,
                theirs=theirs,
                remedy=_("请对照下面的现有内容，合并后再保存。"),
            )
        _save(row, batch, before, replace(before, **changes), "opportunity.edit", by)
    return row


def _save(row: Opportunity, batch: Batch, before: Record, after: Record, verb: str, by: Actor) -> None:
    found = differences(before, after)
    if not found:
        return
    row.take(after)
    row.edited = sorted({*row.edited, *(change["field"] for change in found)})
    row.version += 1
    row.save()
    if before.contact != after.contact:
        row.card.take(after.contact)
        row.card.save()
    touched(batch)
    said = {change["field"]: [change["before"], change["after"]] for change in found}
    record(by, verb, row, {"fields": said, "version": row.version}, city_id=batch.city_id)


def desensitise(*, opportunity_id: int, version: int, by: Actor) -> Opportunity:
    """Take telephone numbers and addresses out of every text, as the engine finds them."""
    with transaction.atomic():
        row, batch = _locked(opportunity_id, by, "opportunity.edit")
        if row.version != version:
            raise Conflict(_("“{name}”刚刚被别人修改过").format(name=row.name), remedy=_("请刷新页面后重试。"))
        before = row.to_engine(row.card.to_engine())
        _save(row, batch, before, without_personal(before), "opportunity.desensitise", by)
    return row


def withdraw(*, opportunity_id: int, reason: str, by: Actor) -> None:
    """The opportunity is no longer part of the list; it can be put back."""
    _set_state(
        opportunity_id, Opportunity.State.ACTIVE, Opportunity.State.WITHDRAWN, "opportunity.withdraw", reason, by
    )


def restore(*, opportunity_id: int, by: Actor) -> None:
    """Put a withdrawn opportunity back."""
    _set_state(opportunity_id, Opportunity.State.WITHDRAWN, Opportunity.State.ACTIVE, "opportunity.restore", "", by)


def _set_state(opportunity_id: int, old: str, new: str, verb: str, reason: str, by: Actor) -> None:
    with transaction.atomic():
        row, batch = _locked(opportunity_id, by, "opportunity.edit")
        if row.state != old:
            raise WrongState(
                _("“{name}”现在是“{state}”").format(name=row.name, state=row.get_state_display()),
                remedy=_("请刷新页面。"),
            )
        row.state = new
        row.version += 1
        row.save(update_fields=["state", "version", "updated_at"])
        touched(batch)
        record(by, verb, row, {"reason": reason}, city_id=batch.city_id)


def reveal_contact(*, opportunity_id: int, by: Actor) -> Revealed:
    """Show a contact to one person; who looked stays on record."""
    with transaction.atomic():
        found = find_opportunity(opportunity_id, by)
        require(by, "contact.reveal", city_id=found.batch.city_id)
        card = ContactCard.objects.get(opportunity=found)
        record(by, "contact.reveal", found, city_id=found.batch.city_id)
    return Revealed(card.to_engine())
