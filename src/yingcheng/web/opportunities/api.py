"""② for programs: the same verbs, the same rights."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import File, Header, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field, StringConstraints

from yingcheng.errors import InputError, NotFound
from yingcheng.opportunities.disclosure import without_personal
from yingcheng.standards.tracks import TRACKS
from yingcheng.web.accounts.models import City, Organisation
from yingcheng.web.opportunities.actions import batches, editing, importing, merging
from yingcheng.web.opportunities.actions.access import find_batch, find_import, find_opportunity
from yingcheng.web.opportunities.comparing import COMPARED, shown
from yingcheng.web.opportunities.forms import ORDER, given_values
from yingcheng.web.opportunities.models import Batch, Import, Opportunity, Publication
from yingcheng.web.opportunities.opendata import as_open_data
from yingcheng.web.permissions import require
from yingcheng.web.rest import Chunk, Done, by, chunk, operation, owner, problem

__all__ = ["public", "router"]

router, public = Router(), Router()
READ, WRITE = "opportunities:read", "opportunities:write"
Text = Annotated[str, StringConstraints(max_length=20_000)]
Id = Annotated[int, Field(ge=0, lt=2**63)]


class BatchIn(Schema):
    """A new batch."""

    city_id: Id
    name: str = Field(min_length=1, max_length=120)
    closes_on: date | None = None


class Move(Schema):
    """Where to."""

    to: Literal["collecting", "checking", "desensitising", "updating"]


class Reason(Schema):
    """Why."""

    reason: str = Field(min_length=1, max_length=500)


class Positions(Schema):
    """Rows of an import."""

    positions: list[int] = Field(max_length=100_000)


class Take(Schema):
    """Fields that the kept entry takes over from the copy."""

    take: list[str] = Field(default_factory=list)


class OpportunityIn(Schema):
    """Fields to change, as text the way a sender writes it; what is left out stays."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=300)] | None = None
    tracks: list[str] | None = None
    max_meetings: Annotated[int, Field(ge=0, le=10_000)] | None = None
    size: Text | None = None
    kind: Text | None = None
    domains: Text | None = None
    summary: Text | None = None
    pain: Text | None = None
    need: Text | None = None
    technology: Text | None = None
    foundation: Text | None = None
    resources: Text | None = None
    expected: Text | None = None
    acceptance: Text | None = None
    modes: Text | None = None
    qualifications: Text | None = None
    asks: Text | None = None
    investment: Text | None = None
    funding: Text | None = None
    period: Text | None = None
    region: Text | None = None
    number: Text | None = None
    unit: Text | None = None
    lead: Text | None = None
    references: Text | None = None
    candidates: Text | None = None
    status: Text | None = None
    progress: Text | None = None
    follower: Text | None = None
    link: Text | None = None


def _batch(row: Batch) -> dict[str, Any]:
    return {
        "id": row.pk,
        "city_id": row.city_id,
        "name": row.name,
        "stage": row.stage,
        "submitted": row.submitted_at is not None,
        "checked": row.is_checked,
        "closes_on": row.closes_on.isoformat() if row.closes_on else None,
    }


def _opportunity(row: Opportunity) -> dict[str, Any]:
    record = without_personal(row.to_engine())  # a program gets numbers by reveal-contact only, with an entry
    return {
        "id": row.pk,
        "batch_id": row.batch_id,
        "reference": row.reference,
        "version": row.version,
        "state": row.state,
        "publishable": row.publishable,
        "completeness": row.completeness,
        "blockers": row.blockers,
        **{name: shown(getattr(record, name)) for name in ORDER if name not in {"tracks", "max_meetings"}},
        "tracks": list(record.tracks),
        "max_meetings": record.max_meetings,
    }


def _tagged(request: HttpRequest, row: Opportunity) -> HttpResponse:
    """The opportunity with its ETag; 304 where the asker has it already."""
    from ninja.responses import Response  # noqa: PLC0415  # a JSON response outside of a schema

    tag = f'"{row.pk}-{row.version}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    return Response(_opportunity(row), headers={"ETag": tag})


# ---- batches ---------------------------------------------------------------------------------------------------------


@router.get("/batches", response=Chunk)
@operation("opportunity.view", READ)
def batch_list(request: HttpRequest, cursor: str = "", limit: int = 50) -> dict[str, Any]:
    """Batches of one's cities."""
    found, after = chunk(Batch.objects.visible_to(owner(request)), cursor, limit)
    return {"items": [_batch(row) for row in found], "next": after}


@router.post("/batches", response={201: dict[str, Any]})
@operation("batch.manage", WRITE)
def batch_create(request: HttpRequest, given: BatchIn) -> Status[dict[str, Any]]:
    """A new batch."""
    city = City.objects.filter(pk=given.city_id).first()
    if city is None:
        raise NotFound(_("没有这个城市"), where="city_id", remedy=_("请用 GET /me 里的 city_id。"))
    made = batches.create_batch(city=city, name=given.name, closes_on=given.closes_on, by=by(request))
    return Status(201, _batch(made))


@router.get("/batches/{int:batch_id}", response=dict[str, Any])
@operation("opportunity.view", READ)
def batch(request: HttpRequest, batch_id: int) -> dict[str, Any]:
    """One batch."""
    return _batch(find_batch(batch_id, by(request)))


@router.post("/batches/{int:batch_id}/advance", response=dict[str, Any])
@operation("batch.manage", WRITE)
def batch_advance(request: HttpRequest, batch_id: int, given: Move) -> dict[str, Any]:
    """Move a batch on."""
    return _batch(batches.advance(batch_id=batch_id, to=given.to, by=by(request)))


@router.post("/batches/{int:batch_id}/submit", response=dict[str, Any])
@operation("batch.manage", WRITE)
def batch_submit(request: HttpRequest, batch_id: int) -> dict[str, Any]:
    """Ask a reviewer."""
    return _batch(batches.submit_for_approval(batch_id=batch_id, by=by(request)))


@router.post("/batches/{int:batch_id}/recall", response=dict[str, Any])
@operation("batch.manage", WRITE)
def batch_recall(request: HttpRequest, batch_id: int) -> dict[str, Any]:
    """Take it back from the reviewer."""
    return _batch(batches.recall(batch_id=batch_id, by=by(request)))


@router.post("/batches/{int:batch_id}/recheck", response=Done)
@operation("batch.manage", WRITE)
def batch_recheck(request: HttpRequest, batch_id: int) -> dict[str, Any]:
    """Review again."""
    batches.recheck(batch_id=batch_id, by=by(request))
    return {"done": {"batch": batch_id}}


@router.post("/batches/{int:batch_id}/send-back", response=dict[str, Any])
@operation("batch.publish", WRITE)
def batch_send_back(request: HttpRequest, batch_id: int, given: Reason) -> dict[str, Any]:
    """The reviewer wants changes."""
    return _batch(batches.send_back(batch_id=batch_id, reason=given.reason, by=by(request)))


@router.post("/batches/{int:batch_id}/approve", response=Done)
@operation("batch.publish", WRITE)
def batch_approve(request: HttpRequest, batch_id: int) -> dict[str, Any]:
    """The reviewer signs and publishes."""
    done = batches.approve(batch_id=batch_id, by=by(request))
    return {"done": {"new": done.new, "changed": done.changed, "ended": done.ended, "held_back": done.held_back}}


@router.post("/batches/{int:batch_id}/expire", response=Done)
@operation("batch.publish", WRITE)
def batch_expire(request: HttpRequest, batch_id: int) -> dict[str, Any]:
    """The batch is over."""
    return {"done": {"ended": batches.expire(batch_id=batch_id, by=by(request))}}


@router.get("/batches/{int:batch_id}/duplicates", response=list[dict[str, Any]])
@operation("opportunity.view", READ)
def duplicates(request: HttpRequest, batch_id: int) -> list[dict[str, Any]]:
    """Groups that look like the same scenario."""
    return list(find_batch(batch_id, by(request)).duplicates)


# ---- opportunities ---------------------------------------------------------------------------------------------------


@router.get("/opportunities", response=Chunk)
@operation("opportunity.view", READ)
def opportunity_list(
    request: HttpRequest,
    batch_id: Id | None = None,
    state: Literal["active", "merged", "withdrawn"] = "active",
    cursor: str = "",
    limit: int = 50,
) -> dict[str, Any]:
    """Opportunities of one's cities; contacts are not among the fields."""
    rows = Opportunity.objects.visible_to(owner(request)).filter(state=state)
    if batch_id is not None:
        rows = rows.filter(batch_id=batch_id)
    found, after = chunk(rows, cursor, limit)
    return {"items": [_opportunity(row) for row in found], "next": after}


@router.get("/opportunities/{int:opportunity_id}", response=dict[str, Any])
@operation("opportunity.view", READ)
def opportunity(request: HttpRequest, opportunity_id: int) -> HttpResponse:
    """One opportunity, with its ETag."""
    return _tagged(request, find_opportunity(opportunity_id, by(request)))


@router.patch("/opportunities/{int:opportunity_id}", response=dict[str, Any])
@operation("opportunity.edit", WRITE)
def opportunity_edit(
    request: HttpRequest,
    opportunity_id: int,
    given: OpportunityIn,
    if_match: Annotated[str, Header(alias="If-Match")] = "",
) -> HttpResponse:
    """Change fields. ``If-Match`` carries the ETag that was read: who comes second is told."""
    row = find_opportunity(opportunity_id, by(request))
    require(by(request), "opportunity.edit", city_id=row.batch.city_id)
    if not if_match:
        return problem(428, "if-match", _("请带 If-Match"), detail=_("先 GET 这一条，用回复的 ETag。"))
    if if_match != f'"{row.pk}-{row.version}"':
        return problem(412, "conflict", _("这一条已被别人修改"), detail=_("请重新 GET 后合并。"))
    changes: dict[str, Any] = {}
    within = row.to_engine().region.path if row.region_code and row.to_engine().region else ""  # type: ignore[union-attr]
    for name, value in given.dict(exclude_unset=True).items():
        if value is None and name != "max_meetings":
            raise InputError(_("不能是 null"), where=name, remedy=_("要清空请给空文字。"))
        if name == "tracks" and any(track not in TRACKS for track in value):
            raise InputError(_("没有这个赛道"), where=name, remedy="、".join(TRACKS))
        changes.update(given_values(name, value, within=within))
    saved = editing.edit(opportunity_id=opportunity_id, version=row.version, changes=changes, by=by(request))
    return _tagged(request, saved)


@router.post("/opportunities/{int:opportunity_id}/desensitise", response=dict[str, Any])
@operation("opportunity.edit", WRITE)
def opportunity_desensitise(request: HttpRequest, opportunity_id: int) -> dict[str, Any]:
    """Take numbers and addresses out of the texts."""
    row = find_opportunity(opportunity_id, by(request))
    return _opportunity(editing.desensitise(opportunity_id=opportunity_id, version=row.version, by=by(request)))


@router.post("/opportunities/{int:opportunity_id}/withdraw", response=Done)
@operation("opportunity.edit", WRITE)
def opportunity_withdraw(request: HttpRequest, opportunity_id: int, given: Reason) -> dict[str, Any]:
    """Take it off the list."""
    editing.withdraw(opportunity_id=opportunity_id, reason=given.reason, by=by(request))
    return {"done": {"opportunity": opportunity_id}}


@router.post("/opportunities/{int:opportunity_id}/restore", response=Done)
@operation("opportunity.edit", WRITE)
def opportunity_restore(request: HttpRequest, opportunity_id: int) -> dict[str, Any]:
    """Put it back."""
    editing.restore(opportunity_id=opportunity_id, by=by(request))
    return {"done": {"opportunity": opportunity_id}}


@router.post("/opportunities/{int:opportunity_id}/reveal-contact", response=dict[str, Any])
@operation("contact.reveal", READ)
def contact_reveal(request: HttpRequest, opportunity_id: int) -> dict[str, Any]:
    """The contact, with an entry in the trail."""
    contact = editing.reveal_contact(opportunity_id=opportunity_id, by=by(request)).contact
    return {
        "person": contact.person,
        "title": contact.title,
        "phones": list(contact.phones),
        "emails": list(contact.emails),
        "publishable": sorted(contact.publishable),
    }


@router.post("/opportunities/{int:opportunity_id}/merge/{int:copy_id}", response=Done)
@operation("opportunity.merge", WRITE)
def merge(request: HttpRequest, opportunity_id: int, copy_id: int, given: Take) -> dict[str, Any]:
    """Put two together."""
    if unknown := sorted(set(given.take) - set(COMPARED)):
        raise InputError(_("没有这些字段：{names}").format(names="、".join(unknown)), where="take")
    merging.merge(keep_id=opportunity_id, copy_id=copy_id, take=given.take, by=by(request))
    return {"done": {"kept": opportunity_id, "merged": copy_id}}


@router.post("/opportunities/{int:opportunity_id}/apart/{int:copy_id}", response=Done)
@operation("opportunity.merge", WRITE)
def apart(request: HttpRequest, opportunity_id: int, copy_id: int) -> dict[str, Any]:
    """They are two."""
    merging.keep_apart(one_id=opportunity_id, other_id=copy_id, by=by(request))
    return {"done": {"one": opportunity_id, "other": copy_id}}


@router.post("/opportunities/{int:opportunity_id}/unmerge", response=Done)
@operation("opportunity.merge", WRITE)
def unmerge(request: HttpRequest, opportunity_id: int) -> dict[str, Any]:
    """Take them apart again."""
    merging.undo_merge(copy_id=opportunity_id, by=by(request))
    return {"done": {"opportunity": opportunity_id}}


# ---- imports ---------------------------------------------------------------------------------------------------------


def _import(row: Import) -> dict[str, Any]:
    return {
        "id": row.pk,
        "batch_id": row.batch_id,
        "file": row.file_name,
        "sha256": row.sha256,
        "status": row.status,
        "fault": row.fault,
        "report": row.report,
        "findings": row.findings,
    }


@router.post("/batches/{int:batch_id}/imports", response={201: dict[str, Any]})
@operation("opportunity.import", WRITE)
def import_new(
    request: HttpRequest, batch_id: int, file: Annotated[UploadedFile, File()], organisation_id: Id | None = None
) -> Status[dict[str, Any]]:
    """Upload a sender's file; it is read in the background."""
    found = find_batch(batch_id, by(request))
    sender = None
    if organisation_id is not None:
        sender = Organisation.objects.filter(pk=organisation_id, city=found.city_id).first()
        if sender is None:
            raise NotFound(_("没有这个单位"), where="organisation_id", remedy=_("请用 GET /organisations 里的 id。"))
    made = importing.receive_import(batch_id=batch_id, upload=file, organisation=sender, by=by(request))
    return Status(201, _import(made))


@router.get("/imports/{int:import_id}", response=dict[str, Any])
@operation("opportunity.import", READ)
def import_state(request: HttpRequest, import_id: int) -> dict[str, Any]:
    """What was read and what is wrong."""
    found = find_import(import_id, by(request))
    require(by(request), "opportunity.import", city_id=found.batch.city_id)
    return _import(found)


@router.get("/imports/{int:import_id}/rows", response=Chunk)
@operation("opportunity.import", READ)
def import_rows(request: HttpRequest, import_id: int, cursor: str = "", limit: int = 50) -> dict[str, Any]:
    """What each row would change."""
    source = find_import(import_id, by(request))
    require(by(request), "opportunity.import", city_id=source.batch.city_id)
    found, after = chunk(source.rows.all(), cursor, limit)
    items = [
        {
            "position": row.position,
            "kind": row.kind,
            "name": row.record["name"],
            "unit": row.record["unit"],
            "opportunity_id": row.target_id,
            "changes": row.changes,
            "accepted": row.accepted,
        }
        for row in found
    ]
    return {"items": items, "next": after}


@router.put("/imports/{int:import_id}/accepted", response=Done)
@operation("opportunity.import", WRITE)
def import_choose(request: HttpRequest, import_id: int, given: Positions) -> dict[str, Any]:
    """Which rows are to be taken over."""
    return {"done": {"accepted": importing.choose_rows(import_id=import_id, accepted=given.positions, by=by(request))}}


@router.post("/imports/{int:import_id}/apply", response=Done)
@operation("opportunity.import", WRITE)
def import_apply(request: HttpRequest, import_id: int) -> dict[str, Any]:
    """Take the accepted rows over."""
    added, changed = importing.apply_import(import_id=import_id, by=by(request))
    return {"done": {"added": added, "changed": changed}}


@router.post("/imports/{int:import_id}/discard", response=Done)
@operation("opportunity.import", WRITE)
def import_discard(request: HttpRequest, import_id: int) -> dict[str, Any]:
    """Take nothing over."""
    importing.discard_import(import_id=import_id, by=by(request))
    return {"done": {"import": import_id}}


@router.post("/imports/{int:import_id}/again", response=Done)
@operation("opportunity.import", WRITE)
def import_again(request: HttpRequest, import_id: int) -> dict[str, Any]:
    """Compare with what is there now."""
    importing.read_again(import_id=import_id, by=by(request))
    return {"done": {"import": import_id}}


# ---- what everybody may read -----------------------------------------------------------------------------------------


def _open(request: HttpRequest, row: Publication) -> dict[str, Any]:
    return as_open_data(row, row.record, request.build_absolute_uri(reverse("published", args=[row.reference])))


@public.get("/opportunities", auth=None, response=Chunk)
@operation("public.view")
def published_list(request: HttpRequest, q: str = "", cursor: str = "", limit: int = 50) -> dict[str, Any]:
    """What is published and open."""
    rows = Publication.objects.select_related("version", "city").filter(ended="")
    rows = rows.exclude(closes_on__lt=timezone.localdate())
    for word in q.replace("\0", "").split()[:8]:
        rows = rows.filter(text__icontains=word)
    found, after = chunk(rows, cursor, limit)
    return {"items": [_open(request, row) for row in found], "next": after}


@public.get("/opportunities/{reference}", auth=None, response=dict[str, Any])
@operation("public.view")
def published(request: HttpRequest, reference: str) -> dict[str, Any]:
    """One published opportunity."""
    found = Publication.objects.select_related("version", "city").filter(reference=reference.replace("\0", "")).first()
    if found is None:
        raise NotFound(_("没有这个场景机会"), remedy=_("可能已经撤下。"))
    return _open(request, found)
