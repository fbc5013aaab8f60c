"""A batch on its way: 征集 → 核验 → 脱敏 → 发布 ⇄ 更新 → 到期. Two people before anything is published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from yingcheng.errors import Conflict, NotAllowed, WrongState
from yingcheng.opportunities.disclosure import without_personal
from yingcheng.web.accounts.actor import Actor
from yingcheng.web.accounts.models import City
from yingcheng.web.audit.actions import Deed, record, record_all
from yingcheng.web.opportunities.actions.access import find_batch, touched
from yingcheng.web.opportunities.actions.reviewing import review, rows_of
from yingcheng.web.opportunities.models import (
    Batch,
    Facet,
    Opportunity,
    Publication,
    Version,
    public_content,
)
from yingcheng.web.permissions import require

__all__ = [
    "MOVES",
    "Published",
    "advance",
    "approve",
    "create_batch",
    "expire",
    "recall",
    "send_back",
    "submit_for_approval",
]

_STAGE = Batch.Stage
MOVES: Mapping[str, tuple[str, ...]] = {
    _STAGE.COLLECTING: (_STAGE.CHECKING,),
    _STAGE.CHECKING: (_STAGE.DESENSITISING, _STAGE.COLLECTING),
    _STAGE.DESENSITISING: (_STAGE.CHECKING,),
    _STAGE.PUBLISHED: (_STAGE.UPDATING,),
    _STAGE.UPDATING: (),
    _STAGE.EXPIRED: (),
}
"""Where an officer may move a batch. Publication and expiry are the reviewer's."""

_WITHDRAWN, _OVER = "已撤下", "批次已到期"


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication did."""

    new: int
    changed: int
    ended: int
    held_back: int  # not publishable, with reasons beside each


def create_batch(*, city: City, name: str, closes_on: date | None = None, by: Actor) -> Batch:
    """A new batch, collecting."""
    require(by, "batch.manage", city_id=city.pk)
    with transaction.atomic():
        batch = Batch(city=city, name=name.strip(), closes_on=closes_on)
        batch.full_clean()
        batch.save()
        said = {"name": batch.name, "closes_on": closes_on.isoformat() if closes_on else None}
        record(by, "batch.create", batch, said, city_id=city.pk)
    return batch


def _locked(batch_id: int, by: Actor, action: str) -> Batch:
    batch = find_batch(batch_id, by, lock=True)
    require(by, action, city_id=batch.city_id)
    return batch


def advance(*, batch_id: int, to: str, by: Actor) -> Batch:
    """Move a batch on, or back for more work.

    Raises:
        WrongState: the move is not open to an officer, or what it needs is missing.
    """
    with transaction.atomic():
        batch = _locked(batch_id, by, "batch.manage")
        if batch.submitted_at is not None or to not in MOVES[batch.stage]:
            raise WrongState(
                _("批次不能从“{stage}”转到“{to}”").format(
                    stage=batch.get_stage_display(), to=dict(_STAGE.choices).get(to, to)
                ),
                remedy=_("请刷新页面；送审中的批次请先撤回。"),
            )
        if to == _STAGE.CHECKING and batch.stage == _STAGE.COLLECTING and not batch.opportunities.exists():
            raise WrongState(_("批次里还没有场景机会"), remedy=_("请先导入材料或发出填报链接。"))
        if to == _STAGE.DESENSITISING and not batch.is_checked:
            raise WrongState(_("核验还没有完成"), remedy=_("请稍候片刻再试。"))
        before, batch.stage = batch.stage, to
        batch.save(update_fields=["stage"])
        record(by, "batch.advance", batch, {"from": before, "to": to}, city_id=batch.city_id)
    return batch


def submit_for_approval(*, batch_id: int, by: Actor) -> Batch:
    """Ask a reviewer. From now on nothing changes until the reviewer has decided or the officer recalls it.

    Raises:
        WrongState: the batch is at another stage, or texts still hold telephone numbers or addresses.
    """
    if by.user is None:
        raise NotAllowed(_("请先登录"), remedy="")
    with transaction.atomic():
        batch = _locked(batch_id, by, "batch.manage")
        if batch.submitted_at is not None or batch.stage not in {_STAGE.DESENSITISING, _STAGE.UPDATING}:
            raise WrongState(_("批次现在不能送审"), remedy=_("脱敏或更新阶段才可以送审。"))
        personal = [row.name for row in rows_of(batch) if without_personal(row.to_engine()) != row.to_engine()]
        if personal:
            raise WrongState(
                _("{count} 条正文含电话或邮箱，例如“{name}”").format(count=len(personal), name=personal[0]),
                remedy=_("请先逐条脱敏。"),
            )
        batch.submitted_by, batch.submitted_at, batch.returned = by.user, timezone.now(), ""
        batch.save(update_fields=["submitted_by", "submitted_at", "returned"])
        record(by, "batch.submit", batch, {"revision": batch.revision}, city_id=batch.city_id)
    return batch


def recall(*, batch_id: int, by: Actor) -> Batch:
    """The officer takes the batch back before the reviewer has decided."""
    return _back(batch_id, "", "batch.manage", "batch.recall", by)


def send_back(*, batch_id: int, reason: str, by: Actor) -> Batch:
    """The reviewer wants changes, and says which."""
    return _back(batch_id, reason, "batch.publish", "batch.send_back", by)


def _back(batch_id: int, reason: str, action: str, verb: str, by: Actor) -> Batch:
    with transaction.atomic():
        batch = _locked(batch_id, by, action)
        _must_be_submitted(batch)
        batch.submitted_by, batch.submitted_at, batch.returned = None, None, reason
        batch.save(update_fields=["submitted_by", "submitted_at", "returned"])
        record(by, verb, batch, {"reason": reason}, city_id=batch.city_id)
    return batch


def _must_be_submitted(batch: Batch) -> None:
    if batch.submitted_at is None:
        raise WrongState(_("批次没有在送审"), remedy=_("请刷新页面：可能已由他人处理。"))


def approve(*, batch_id: int, by: Actor) -> Published:
    """The reviewer signs, and the batch is published, all of it or nothing.

    Only what the engine's review lets pass goes out; each entry that differs from what was published before gets a new
    version. The review is made before the batch is locked and counts only if nothing has changed since.

    Raises:
        NotAllowed: the reviewer is the one who submitted it.
        Conflict: the batch was changed while it was reviewed.
    """
    if by.user is None:
        raise NotAllowed(_("请先登录"), remedy="")
    now = timezone.now()
    seen = find_batch(batch_id, by)
    require(by, "batch.publish", city_id=seen.city_id)
    rows = rows_of(seen)
    listed = review(seen, rows, as_of=timezone.localdate())
    passed = {found.id for found in listed.published}
    tracks = {found.id: found.tracks for found in listed.opportunities}
    with transaction.atomic():
        batch = _locked(batch_id, by, "batch.publish")
        _must_be_submitted(batch)
        if batch.submitted_by_id == by.user.pk:
            raise NotAllowed(_("送审人不能审核自己送审的批次"), remedy=_("请由另一位审核员签发。"))
        if batch.revision != seen.revision:
            raise Conflict(_("审核期间批次有变化"), remedy=_("请看过后重新签发。"))
        going = [row for row in rows if row.reference in passed]
        contents = {}
        for row in going:
            content = public_content(row.to_engine(row.card.to_engine()))
            contents[row.pk] = {**content, "tracks": list(tracks[row.reference]), "batch": batch.name}
        done = _publish(batch, going, contents, now=now, by=by)
        batch.stage = _STAGE.PUBLISHED
        batch.signed_by, batch.signed_at = by.user, now
        batch.submitted_by = batch.submitted_at = None
        batch.save()
        said = {"new": done.new, "changed": done.changed, "ended": done.ended, "held_back": len(rows) - len(going)}
        record(by, "batch.approve", batch, said, city_id=batch.city_id)
    return Published(done.new, done.changed, done.ended, len(rows) - len(going))


def _publish(
    batch: Batch, rows: list[Opportunity], contents: Mapping[int, dict[str, object]], *, now: datetime, by: Actor
) -> Published:
    shown = {
        publication.opportunity_id: publication
        for publication in Publication.objects.filter(opportunity__batch=batch).select_related("version")
    }
    made, deeds = [], []
    for row in rows:
        before = shown.get(row.pk)
        if before is not None and before.version.content == contents[row.pk] and not before.ended:
            continue
        number = before.version.number + 1 if before else 1
        made.append(
            Version(opportunity=row, number=number, content=contents[row.pk], published_at=now, published_by=by.name)
        )
        deeds.append(Deed("opportunity.publish", row, {"version": number}, batch.city_id))
    Version.objects.bulk_create(made, batch_size=200)
    fresh: list[Publication] = []
    changed: list[Publication] = []
    for version in made:
        row, before = version.opportunity, shown.get(version.opportunity_id)
        publication = before or Publication(
            opportunity=row, city=batch.city, reference=f"{batch.pk}-{row.reference}", first_published_at=now
        )
        _show(publication, version, now)
        (changed if before else fresh).append(publication)
    Publication.objects.bulk_create(fresh, batch_size=200)
    columns = ["version", "name", "unit", "text", "closes_on", "published_at", "ended"]
    Publication.objects.bulk_update(changed, columns, batch_size=50)
    Facet.objects.filter(publication__in=changed).delete()
    Facet.objects.bulk_create([facet for one in (*fresh, *changed) for facet in _facets(one)], batch_size=500)
    going = {row.pk for row in rows}
    ended = [one for pk, one in shown.items() if pk not in going and not one.ended]
    for publication in ended:
        publication.ended = _WITHDRAWN
        deeds.append(Deed("opportunity.unpublish", publication, {"why": _WITHDRAWN}, batch.city_id))
    Publication.objects.bulk_update(ended, ["ended"], batch_size=200)
    record_all(by, deeds)
    return Published(len(fresh), len(changed), len(ended), 0)


def _show(publication: Publication, version: Version, now: datetime) -> None:
    publication.version = version
    record_ = publication.record
    publication.name, publication.unit = record_.name, record_.unit or record_.lead
    parts = (record_.name, record_.unit, record_.lead, record_.text, record_.technology, record_.region_text)
    publication.text = "\n".join(part for part in parts if part)
    publication.closes_on = record_.period.end if record_.period else None
    publication.published_at = now
    publication.ended = ""


def _facets(publication: Publication) -> list[Facet]:
    record_ = publication.record
    region = record_.region.name if record_.region else ""
    values = {
        "track": record_.tracks,
        "region": (region,) if region else (),
        "size": (record_.size,) if record_.size else (),
        "mode": record_.modes,
    }
    return [
        Facet(publication=publication, kind=kind, value=value)
        for kind, names in values.items()
        for value in dict.fromkeys(name[:100] for name in names)
    ]


def expire(*, batch_id: int, by: Actor) -> int:
    """The batch is over: what is shown of it stays readable, marked as ended. How many entries ended."""
    with transaction.atomic():
        batch = _locked(batch_id, by, "batch.publish")
        if batch.stage not in {_STAGE.PUBLISHED, _STAGE.UPDATING} or batch.submitted_at is not None:
            raise WrongState(_("只有发布过、不在送审的批次可以到期"), remedy=_("请刷新页面。"))
        batch.stage = _STAGE.EXPIRED
        batch.save(update_fields=["stage"])
        count = Publication.objects.filter(opportunity__batch=batch, ended="").update(ended=_OVER)
        record(by, "batch.expire", batch, {"ended": count}, city_id=batch.city_id)
    return count


def recheck(*, batch_id: int, by: Actor) -> None:
    """Have the batch reviewed again, e.g. because deadlines have passed since."""
    with transaction.atomic():
        batch = _locked(batch_id, by, "batch.manage")
        batch.checked_revision = batch.revision
        touched(batch)
        record(by, "batch.recheck", batch, city_id=batch.city_id)
