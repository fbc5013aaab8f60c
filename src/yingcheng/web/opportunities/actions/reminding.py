"""Officers are told what ends soon, once per occasion."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from yingcheng.web.accounts.actions import tell
from yingcheng.web.accounts.actor import Actor
from yingcheng.web.accounts.models import Organisation, Role, User
from yingcheng.web.opportunities.models import Batch, Publication

__all__ = ["remind_of_expiry"]


def _officers(city_id: int) -> list[User]:
    rows = User.objects.filter(
        Q(memberships__organisation__city=city_id) | Q(memberships__organisation__city=None),
        memberships__role=Role.OFFICER,
        memberships__organisation__status=Organisation.Status.CONFIRMED,
        is_active=True,
    )
    return list(rows.distinct())


def remind_of_expiry(*, by: Actor) -> int:
    """Tell the officers of each city about published entries and batches that end within ``REMINDER_DAYS``.

    Running it again tells nobody twice.

    Returns:
        How many notices were left.
    """
    today = timezone.localdate()
    until = today + timedelta(days=settings.REMINDER_DAYS)
    count = 0
    ending = Publication.objects.filter(ended="", closes_on__range=(today, until)).select_related("opportunity")
    for publication in ending:
        text = _("“{name}”将于 {day} 到期，请更新或撤下。").format(name=publication.name, day=publication.closes_on)
        key = f"expiry-{publication.pk}-{publication.closes_on}"
        link = reverse("opportunity", args=[publication.opportunity_id])
        count += tell(users=_officers(publication.city_id), key=key, text=text, link=link, by=by)
    closing = Batch.objects.filter(closes_on__range=(today, until)).exclude(stage=Batch.Stage.EXPIRED)
    for batch in closing:
        text = _("批次“{name}”将于 {day} 到期。").format(name=batch.name, day=batch.closes_on)
        key = f"batch-expiry-{batch.pk}-{batch.closes_on}"
        count += tell(users=_officers(batch.city_id), key=key, text=text, link=reverse("batch", args=[batch.pk]), by=by)
    return count
