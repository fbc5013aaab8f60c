"""People and organisations for programs."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from yingcheng.web.accounts import actions
from yingcheng.web.accounts.models import City, Organisation
from yingcheng.web.permissions import allows, cities_for
from yingcheng.web.rest import Chunk, Done, by, chunk, operation, owner

__all__ = ["router"]

router = Router()
_READ = "people:read"


class OrganisationIn(Schema):
    """A new organisation."""

    kind: Literal["department", "enterprise", "association", "experts"]
    city_id: int | None = Field(None, ge=0, lt=2**63)
    name: str = Field(min_length=1, max_length=200)
    credit_code: str = Field("", max_length=30)


def _shown(row: Organisation) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind,
        "city_id": row.city_id,
        "name": row.name,
        "credit_code": row.credit_code,
        "status": row.status,
    }


@router.get("/me")
@operation("self.manage")
def me(request: HttpRequest) -> dict[str, Any]:
    """Whom the token acts for, in which roles."""
    user = owner(request)
    standings = [
        {"role": standing.role.value, "organisation_id": standing.organisation_id, "city_id": standing.city_id}
        for standing in user.standings
    ]
    return {"username": user.username, "name": user.name, "roles": standings, "scopes": request.auth.scopes}  # type: ignore[attr-defined]


@router.get("/organisations", response=Chunk)
@operation("organisation.view", _READ)
def organisations(request: HttpRequest, cursor: str = "", limit: int = 50) -> dict[str, Any]:
    """The organisations the person may see."""
    user = owner(request)
    rows = Organisation.objects.all()
    if not allows(user, "organisation.view"):
        rows = rows.filter(city__in=cities_for(user, "organisation.view"))
    found, after = chunk(rows, cursor, limit)
    return {"items": [_shown(row) for row in found], "next": after}


@router.post("/organisations", response={201: dict[str, Any]})
@operation("organisation.create", "opportunities:write")
def organisation_create(request: HttpRequest, given: OrganisationIn) -> Status[dict[str, Any]]:
    """Enter an organisation."""
    city = City.objects.filter(pk=given.city_id).first() if given.city_id is not None else None
    made = actions.create_organisation(
        kind=given.kind, city=city, name=given.name, credit_code=given.credit_code, by=by(request)
    )
    return Status(201, _shown(made))


@router.post("/organisations/{int:organisation_id}/confirm", response=Done)
@operation("organisation.confirm", "opportunities:write")
def organisation_confirm(request: HttpRequest, organisation_id: int) -> dict[str, Any]:
    """Confirm an enterprise."""
    made = actions.confirm_organisation(organisation_id=organisation_id, by=by(request))
    return {"done": {"organisation": made.pk, "status": made.status}}
