"""What of a contact may leave the house (个人信息保护法): masked unless the sheet itself carries consent, per field."""

from __future__ import annotations

from yingcheng.opportunities.records import Contact
from yingcheng.standards.contacts import mask_email, mask_person, mask_phone

__all__ = ["public_contact"]


def public_contact(contact: Contact) -> str:
    """The contact as it may be published, e.g. ``联系人*（场景专员） 0351****000``.

    The cell as written (``contact.text``) is never shown: it can hold anything.
    """
    allowed = contact.publishable
    person = contact.person if "person" in allowed else mask_person(contact.person)
    phones = [phone if "phone" in allowed else mask_phone(phone) for phone in contact.phones]
    emails = [email if "email" in allowed else mask_email(email) for email in contact.emails]
    who = f"{person}（{contact.title}）" if person and contact.title else person or contact.title
    return " ".join(part for part in (who, *phones, *emails) if part)
