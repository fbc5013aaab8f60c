"""What of a contact may leave the house (个人信息保护法): only what the sheet itself carries consent for, per field.

Nothing is masked half-way: a fragment of a number helps nobody and still says something about a person.
"""

from __future__ import annotations

from yingcheng.opportunities.records import Contact, Opportunity

__all__ = ["public_contact", "reach_through"]

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
    who = f"{person}（{contact.title}）" if contact.title else person
    return " ".join((who, *phones, *emails))


def reach_through(opportunity: Opportunity) -> str:
    """How a reader of the published list gets in touch: the contact with consent, else through the office."""
    if direct := public_contact(opportunity.contact):
        return direct
    office = opportunity.unit or opportunity.lead
    return f"请与{office}联系" if office else ""
