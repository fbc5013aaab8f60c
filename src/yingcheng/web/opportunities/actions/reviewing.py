"""The engine's review of a batch, kept beside the rows it speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from yingcheng.opportunities import OpportunityList, review_list
from yingcheng.web.accounts.actor import Actor
from yingcheng.web.audit.actions import record
from yingcheng.web.opportunities.models import Batch, DuplicateDecision, Opportunity

__all__ = ["check_batch", "check_batch_task", "review", "rows_of"]

_BY = Actor(None, "系统", "job")
_REVIEWED = ("completeness", "publishable", "blockers", "missing", "suggested")


@task()
def check_batch_task(batch_id: int) -> None:
    """The queue's door to :func:`check_batch`."""
    check_batch(batch_id=batch_id)


def rows_of(batch: Batch) -> list[Opportunity]:
    """The opportunities of a batch that count, with their contacts."""
    return list(batch.opportunities.filter(state=Opportunity.State.ACTIVE).select_related("card").order_by("pk"))


def review(batch: Batch, rows: Sequence[Opportunity], *, as_of: date) -> OpportunityList:
    """What the engine says of the rows, honouring what people have decided about duplicates."""
    reference = {row.pk: row.reference for row in rows}
    decided = DuplicateDecision.objects.filter(batch=batch).values_list("first_id", "second_id")
    apart = {frozenset((reference[a], reference[b])) for a, b in decided if a in reference and b in reference}
    return review_list([row.to_engine(row.card.to_engine()) for row in rows], as_of=as_of, apart=apart)


def check_batch(*, batch_id: int) -> bool:
    """Review a batch and keep what was found; done again where somebody changed it meanwhile.

    Returns:
        Whether the review fits the batch as it is now.
    """
    batch = Batch.objects.get(pk=batch_id)
    revision, rows = batch.revision, rows_of(batch)
    listed = review(batch, rows, as_of=timezone.localdate())
    by_reference = {row.reference: row for row in rows}
    for found, checked in zip(listed.opportunities, listed.reviews, strict=True):
        row = by_reference[found.id]
        row.completeness = checked.completeness
        row.publishable = checked.publishable
        row.blockers = list(checked.blockers)
        row.missing = list(checked.missing)
        row.suggested = [[suggestion.track, suggestion.reason] for suggestion in checked.suggestions]
    with transaction.atomic():
        batch = Batch.objects.select_for_update().get(pk=batch_id)
        if batch.revision != revision:
            check_batch_task.enqueue(batch_id)
            return False
        Opportunity.objects.bulk_update(rows, _REVIEWED, batch_size=200)
        batch.duplicates = [
            {
                "ids": [by_reference[member].pk for member in group.opportunity_ids],
                "keep": by_reference[group.keep].pk,
                "similarity": group.similarity,
                "differs": list(group.differs),
            }
            for group in listed.duplicates
        ]
        batch.checked_revision = revision
        batch.save(update_fields=["duplicates", "checked_revision"])
        said = {"rows": len(rows), "publishable": len(listed.published), "duplicates": len(listed.duplicates)}
        record(_BY, "batch.check", batch, said, city_id=batch.city_id)
    return True
