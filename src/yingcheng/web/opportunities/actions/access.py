"""The only ways from a number in an address to a row: what the actor may not see is not found."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import models
from django.utils.translation import gettext as _

from yingcheng.errors import NotFound, WrongState
from yingcheng.web.accounts.actor import Actor
from yingcheng.web.opportunities.models import Batch, Import, Opportunity
from yingcheng.web.permissions import require

__all__ = ["find_batch", "find_import", "find_opportunity", "open_batch", "touched"]

Row = TypeVar("Row", bound=models.Model)


def _find(rows: Any, pk: int, by: Actor) -> Any:
    seen = rows.visible_to(by.user) if by.user is not None else rows
    found = seen.filter(pk=pk).first()
    if found is None:
        raise NotFound(_("没有这一项"), remedy=_("请返回列表重新选择。"))
    return found


def find_batch(batch_id: int, by: Actor, *, lock: bool = False) -> Batch:
    """A batch that the actor may see."""
    rows = Batch.objects.select_for_update(of=("self",)) if lock else Batch.objects.all()
    found: Batch = _find(rows.select_related("city"), batch_id, by)
    return found


def find_opportunity(opportunity_id: int, by: Actor) -> Opportunity:
    """An opportunity that the actor may see."""
    rows = Opportunity.objects.select_related("batch__city", "merged_into", "organisation")
    found: Opportunity = _find(rows, opportunity_id, by)
    return found


def find_import(import_id: int, by: Actor) -> Import:
    """An import that the actor may see."""
    found: Import = _find(Import.objects.select_related("batch__city", "organisation", "uploaded_by"), import_id, by)
    return found


def open_batch(batch_id: int, by: Actor, action: str) -> Batch:
    """The batch, locked until the transaction ends, if the actor may do the action and it is open for changes.

    Raises:
        WrongState: a reviewer looks at it, or it is published or over.
    """
    batch = find_batch(batch_id, by, lock=True)
    require(by, action, city_id=batch.city_id)
    if not batch.is_open_for_edits:
        raise WrongState(
            _("批次“{name}”现在不能修改").format(name=batch.name),
            remedy=_("待审核时请先撤回送审；已发布时请先转入“更新”。"),
        )
    return batch


def touched(batch: Batch) -> None:
    """An opportunity of the batch has changed: what was checked is out of date."""
    from yingcheng.web.opportunities.actions.reviewing import check_batch_task  # noqa: PLC0415  # it needs this module

    if batch.is_checked:  # otherwise a check waits already
        check_batch_task.enqueue(batch.pk)
    batch.revision += 1
    batch.save(update_fields=["revision"])
