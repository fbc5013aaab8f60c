"""What of a contact may leave the house (个人信息保护法): only what the sheet itself carries consent for, per field.

Nothing is masked half-way: a fragment of a number helps nobody and still says something about a person. People write
numbers everywhere, into names, units and terms: :func:`without_personal` takes them out of whole records, so that no
deliverable needs to think of it.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from yingcheng.findings import SourceRow
from yingcheng.opportunities.records import Contact, Opportunity
from yingcheng.standards.contacts import without_reachable

__all__ = ["public_contact", "reach_through", "without_personal"]

Record = TypeVar("Record")

_UNNAMED = "联系人"


def public_contact(contact: Contact) -> str:
    """The contact as it may be published, e.g. ``张三（场景专员） 0351-0000000``; empty without a way to reach anyone.

    Without consent to the name it reads ``联系人（场景专员） 0351-0000000``. The cell as written (``contact.text``) is
    never shown: it can hold anything.
    """
    allowed = contact.publishable
    phones = contact.phones if "phone" in allowed else ()
    emails = contact.emails if "email" in allowed else ()
    if not phones and not emails:
        return ""
    person = contact.person if "person" in allowed and contact.person else _UNNAMED
    who = without_reachable(f"{person}（{contact.title}）" if contact.title else person)
    return " ".join((who, *phones, *emails))


def reach_through(opportunity: Opportunity) -> str:
    """How a reader of the published list gets in touch: the contact with consent, else through the office."""
    if direct := public_contact(opportunity.contact):
        return direct
    office = opportunity.unit or opportunity.lead
    return f"请与{office}联系" if office else ""


def without_personal(record: Record) -> Record:
    """The record with telephone numbers, mail addresses and account names taken out of every text, however deep.

    Contacts are left as they are, :func:`public_contact` decides on them; so are the places a record came from.
    """
    cleaned: Record = _cleaned(record)
    return cleaned


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return without_reachable(value) if type(value) is str else value  # an enumeration's member is no free text
    if isinstance(value, tuple):
        items = tuple(_cleaned(item) for item in value)
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items
    if is_dataclass(value) and not isinstance(value, type | Contact | SourceRow):
        changed = {}
        for field in fields(value):
            old = getattr(value, field.name)
            new = _cleaned(old)
            if new is not old:
                changed[field.name] = new
        return replace(value, **changed) if changed else value
    return value
