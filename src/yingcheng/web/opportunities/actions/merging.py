"""The same scenario sent twice: put together, taken apart again, or declared to be two."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext as _

from yingcheng.errors import WrongState
from yingcheng.opportunities import Contact
from yingcheng.web.accounts.actor import Actor
from yingcheng.web.audit.actions import Deed, record, record_all
from yingcheng.web.opportunities.actions.access import find_opportunity, open_batch, touched
from yingcheng.web.opportunities.comparing import COMPARED, differences, with_fields
from yingcheng.web.opportunities.models import DuplicateDecision, Opportunity

__all__ = ["keep_apart", "merge", "undo_merge"]


def merge(*, keep_id: int, copy_id: int, take: Collection[str], by: Actor) -> None:
    """One entry stands for both; ``take`` names the fields it takes over from the copy.

    The copy is kept, so that :func:`undo_merge` can put it back. Fields the kept entry lacks are not filled unasked.
    """
    unknown = set(take) - set(COMPARED)
    if unknown:
        raise ValueError(f"no such fields: {sorted(unknown)}")
    with transaction.atomic():
        kept = find_opportunity(keep_id, by)
        batch = open_batch(kept.batch_id, by, "opportunity.merge")
        rows = {
            row.pk: row
            for row in Opportunity.objects.select_for_update(of=("self",))
            .select_related("card")
            .filter(pk__in=[keep_id, copy_id], batch=batch, state=Opportunity.State.ACTIVE)
        }
        if len(rows) < 2:
            raise WrongState(_("这两条不能核并"), remedy=_("请刷新页面：可能已被核并或撤下。"))
        kept, copy = rows[keep_id], rows[copy_id]
        before = kept.to_engine(kept.card.to_engine())
        after = with_fields(before, copy.to_engine(copy.card.to_engine()), take)
        sources = tuple(dict.fromkeys((*before.sources, *copy.to_engine().sources)))
        kept.take(replace(after, sources=sources))
        found = differences(before, after)
        kept.edited = sorted({*kept.edited, *(change["field"] for change in found)})
        kept.version += 1
        kept.save()
        if after.contact != before.contact:
            kept.card.take(after.contact)
            kept.card.save()
        copy.state, copy.merged_into = Opportunity.State.MERGED, kept
        copy.version += 1
        copy.save(update_fields=["state", "merged_into", "version", "updated_at"])
        touched(batch)
        said = {change["field"]: [change["before"], change["after"]] for change in found}
        record_all(
            by,
            [
                Deed("opportunity.merge", copy, {"into": kept.pk}, batch.city_id),
                Deed("opportunity.absorb", kept, {"from": copy.pk, "fields": said}, batch.city_id),
            ],
        )


def undo_merge(*, copy_id: int, by: Actor) -> None:
    """The copy is an entry of its own again. What the kept entry took over stays; it can be edited."""
    with transaction.atomic():
        found = find_opportunity(copy_id, by)
        batch = open_batch(found.batch_id, by, "opportunity.merge")
        copy = Opportunity.objects.select_for_update().get(pk=copy_id)
        if copy.state != Opportunity.State.MERGED or copy.merged_into is None:
            raise WrongState(_("“{name}”没有被核并").format(name=copy.name), remedy=_("请刷新页面。"))
        kept = copy.merged_into
        own = set(copy.to_engine().sources)
        kept_record = kept.to_engine(Contact())
        kept.take(replace(kept_record, sources=tuple(row for row in kept_record.sources if row not in own)))
        kept.version += 1
        kept.save()
        copy.state, copy.merged_into = Opportunity.State.ACTIVE, None
        copy.version += 1
        copy.save(update_fields=["state", "merged_into", "version", "updated_at"])
        touched(batch)
        record(by, "opportunity.unmerge", copy, {"from": kept.pk}, city_id=batch.city_id)


def keep_apart(*, one_id: int, other_id: int, by: Actor) -> None:
    """Two entries that look alike are two scenarios; they are not asked about again."""
    with transaction.atomic():
        found = find_opportunity(one_id, by)
        batch = open_batch(found.batch_id, by, "opportunity.merge")
        first, second = sorted((one_id, other_id))
        if batch.opportunities.filter(pk__in=[first, second]).count() < 2:
            raise WrongState(_("这两条不在同一批次"), remedy=_("请刷新页面。"))
        _row, made = DuplicateDecision.objects.get_or_create(
            first_id=first, second_id=second, defaults={"batch": batch, "by": by.user}
        )
        if made:
            touched(batch)
            record(by, "opportunity.apart", found, {"other": other_id}, city_id=batch.city_id)
