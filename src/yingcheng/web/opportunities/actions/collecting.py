"""A department sends a need from a phone, by a link and without an account."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from yingcheng.errors import NotAllowed, NotFound, WrongState
from yingcheng.intake.identifiers import digest
from yingcheng.opportunities import Opportunity as Record
from yingcheng.web.accounts.actor import Actor
from yingcheng.web.accounts.models import Organisation, digest_of, new_secret
from yingcheng.web.audit.actions import record
from yingcheng.web.opportunities.actions.access import open_batch, touched
from yingcheng.web.opportunities.actions.importing import same_key
from yingcheng.web.opportunities.models import Batch, CollectionLink, ContactCard, Opportunity

__all__ = ["find_link", "give_link", "submit_need", "withdraw_link"]

LINK_DAYS = 30
_MOST = 200  # entries by one link; more is not a person


def give_link(*, batch_id: int, organisation: Organisation, by: Actor) -> str:
    """A link for one department, returned once."""
    if by.user is None:
        raise NotAllowed(_("请先登录"), remedy="")
    secret = new_secret()
    with transaction.atomic():
        batch = open_batch(batch_id, by, "batch.manage")
        if organisation.city_id != batch.city_id or organisation.kind != Organisation.Kind.DEPARTMENT:
            raise WrongState(_("只能发给本市的部门"), remedy=_("请重新选择部门。"))
        made = CollectionLink.objects.create(
            digest=digest_of(secret),
            batch=batch,
            organisation=organisation,
            created_by=by.user,
            expires_at=timezone.now() + timedelta(days=LINK_DAYS),
        )
        record(by, "link.give", made, {"organisation": organisation.name}, city_id=batch.city_id, title=batch.name)
    return secret


def withdraw_link(*, link_id: int, by: Actor) -> None:
    """The link stops working."""
    with transaction.atomic():
        found = CollectionLink.objects.select_related("batch").filter(pk=link_id, withdrawn_at=None).first()
        if found is None:
            raise NotFound(_("没有这个链接"), remedy=_("请刷新页面。"))
        batch = open_batch(found.batch_id, by, "batch.manage")
        found.withdrawn_at = timezone.now()
        found.save(update_fields=["withdrawn_at"])
        record(by, "link.withdraw", found, city_id=batch.city_id, title=batch.name)


def find_link(secret: str, at: datetime) -> CollectionLink:
    """The link behind an address, if it works and its batch still collects.

    Raises:
        NotFound: it does not; the page does not say why.
    """
    found: CollectionLink | None = (
        CollectionLink.objects.select_related("batch__city", "organisation").filter(digest=digest_of(secret)).first()
    )
    if (
        found is None
        or found.withdrawn_at is not None
        or at >= found.expires_at
        or found.batch.stage not in {Batch.Stage.COLLECTING, Batch.Stage.CHECKING, Batch.Stage.UPDATING}
        or not found.batch.is_open_for_edits
    ):
        raise NotFound(_("填报链接无效或已截止"), remedy=_("请向发给您链接的专班索要新链接。"))
    return found


def submit_need(*, secret: str, need: Record, address: str) -> Opportunity:
    """Take a need in. The unit is the one the link was given to, whatever the form says."""
    with transaction.atomic():
        link = find_link(secret, timezone.now())
        batch = Batch.objects.select_for_update().get(pk=link.batch_id)
        if Opportunity.objects.filter(batch=batch, organisation=link.organisation).count() >= _MOST:
            raise WrongState(_("这个链接已填报 {count} 条").format(count=_MOST), remedy=_("请与专班联系。"))
        taken = set(batch.opportunities.values_list("reference", flat=True))
        base = digest("O-", need.unit, need.name, need.need)
        reference = next(name for name in (base, *(f"{base}-{n}" for n in range(2, _MOST + 2))) if name not in taken)
        row = Opportunity(batch=batch, reference=reference, same=same_key(need), organisation=link.organisation)
        row.take(need)
        row.save()
        card = ContactCard(opportunity=row)
        card.take(need.contact)
        card.save()
        touched(batch)
        by = Actor(None, link.organisation.name, "link", address)
        record(by, "opportunity.submit", row, {"link": link.pk}, city_id=batch.city_id)
    return row
