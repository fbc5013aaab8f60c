"""All tables, in the order of the programme; the one migration history is made from here."""

from yingcheng.web.accounts.models import (
    ApiToken,
    City,
    Invitation,
    Membership,
    Notice,
    Organisation,
    RememberedReply,
    User,
)
from yingcheng.web.audit.models import Entry
from yingcheng.web.jobs.models import WorkerPulse
from yingcheng.web.opportunities.models import (
    Batch,
    CollectionLink,
    ContactCard,
    DuplicateDecision,
    Facet,
    Import,
    ImportRow,
    Opportunity,
    Publication,
    Version,
)

__all__ = [
    "ApiToken",
    "Batch",
    "City",
    "CollectionLink",
    "ContactCard",
    "DuplicateDecision",
    "Entry",
    "Facet",
    "Import",
    "ImportRow",
    "Invitation",
    "Membership",
    "Notice",
    "Opportunity",
    "Organisation",
    "Publication",
    "RememberedReply",
    "User",
    "Version",
    "WorkerPulse",
]
