"""Every address and every operation of the API × every role, taken from the resolver and the one permission table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from web_world import INVITED, LINKED, World, client_of, token_of, upload, workbook

from yingcheng.web.accounts.models import ApiToken, Membership, User
from yingcheng.web.api import api
from yingcheng.web.opportunities.models import Publication
from yingcheng.web.permissions import PERMISSIONS, Scope

OURS = "yingcheng.web"
# Views of packages that decide for themselves; each is named, so that a new one is noticed.
NOT_OURS = {
    "account_login", "account_logout", "account_inactive", "account_signup", "account_reauthenticate", "account_email",
    "account_email_verification_sent", "account_confirm_email", "account_change_password", "account_set_password",
    "account_reset_password", "account_reset_password_done", "account_reset_password_from_key",
    "account_reset_password_from_key_done", "account_confirm_login_code",
    "mfa_index", "mfa_authenticate", "mfa_reauthenticate", "mfa_trust", "mfa_activate_totp", "mfa_deactivate_totp",
    "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes", "mfa_list_webauthn",
    "mfa_add_webauthn", "mfa_remove_webauthn", "mfa_edit_webauthn", "mfa_reauthenticate_webauthn", "mfa_login_webauthn",
    "mfa_signup_webauthn",
    "openapi-json", "openapi-view", "api-root",
}  # fmt: skip


def patterns(resolver: URLResolver | None = None, space: str = "") -> Iterator[tuple[str, Any, set[str]]]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, f"{entry.namespace}:" if entry.namespace else space)
        elif isinstance(entry, URLPattern):
            yield f"{space}{entry.name}", entry.callback, set(entry.pattern.converters)


PAGES = [(name, view, names) for name, view, names in patterns() if not name.startswith("api:")]
OUR_PAGES = [page for page in PAGES if page[0] not in NOT_OURS]
OPERATIONS = [
    (f"{method} {path}", path, method, operation.view_func)
    for _prefix, router in api._routers
    for path, view in router.path_operations.items()
    for operation in view.operations
    for method in operation.methods
]


def test_every_view_has_a_row() -> None:
    assert len(OUR_PAGES) > 55
    without = [name for name, view, _names in OUR_PAGES if getattr(view, "action", None) not in PERMISSIONS]
    assert without == []


def test_every_operation_has_a_row() -> None:
    assert len(OPERATIONS) > 30
    assert [name for name, *_rest, view in OPERATIONS if getattr(view, "action", None) not in PERMISSIONS] == []


def test_a_view_without_a_row_is_noticed() -> None:
    """Control: the test above can fail."""

    def bare(_request: object) -> HttpResponse:
        return HttpResponse()

    assert getattr(bare, "action", None) not in PERMISSIONS


def arguments(world: World) -> dict[str, Any]:
    here = world.here
    one, other, *_rest = here.opportunities
    return {
        "batch_id": here.batch.pk,
        "opportunity_id": one.pk,
        "copy_id": other.pk,
        "import_id": here.source.pk,
        "organisation_id": here.enterprise.pk,
        "membership_id": Membership.objects.get(user=world.person("leader")).pk,
        "user_id": world.person("leader").pk,
        "invitation_id": here.invitation.pk,
        "token_id": ApiToken.objects.filter(user=world.person("officer")).earliest("pk").pk,
        "link_id": here.link.pk,
        "field": "unit",
        "reference": Publication.objects.filter(city=here.city).earliest("pk").reference,
        "number": 1,
    }


def page_address(world: World, name: str, names: set[str]) -> str:
    given = arguments(world)
    given["secret"] = (INVITED if name == "join" else LINKED) + "0"
    given["form"] = "csv" if name == "download" else "xlsx"
    if name == "version":
        given["opportunity_id"] = world.here.published.opportunities.earliest("pk").pk
    return reverse(name, kwargs={key: given[key] for key in names})


def held(user: User, action: str, city_id: int | None) -> bool:
    """By the table alone, in other words than permissions.allows."""
    permission = PERMISSIONS[action]
    if permission.public or not permission.roles:
        return True
    for membership in Membership.objects.filter(user=user, organisation__status="confirmed").select_related(
        "organisation"
    ):
        scope = next((s for role, s in permission.roles.items() if role.value == membership.role), None)
        city = membership.organisation.city_id
        if scope is Scope.INSTALLATION or (
            scope is Scope.CITY and (city_id is None or city is None or city == city_id)
        ):
            return True
    return False


def expected(user: User | None, action: str, world: World, *, thing: bool) -> str:
    permission = PERMISSIONS[action]
    if permission.public:
        return "yes"
    if user is None:
        return "sign in"
    if not held(user, action, None):
        sees = permission.sight and held(user, permission.sight, None)
        return "403" if sees else "404"
    if thing and not held(user, action, world.here.city.pk):
        sees = permission.sight and held(user, permission.sight, world.here.city.pk)
        return "403" if sees else "404"
    return "yes"


OWN = {"token_withdraw"}  # things of one person
THINGS = {"batch_id", "opportunity_id", "copy_id", "import_id", "organisation_id", "invitation_id", "link_id"}


def told(response: HttpResponse) -> str:
    if response.status_code == 401 or (
        response.status_code == 302 and response.headers["Location"].startswith("/accounts/login/?")
    ):
        return "sign in"
    if response.status_code in {403, 404}:
        return str(response.status_code)
    assert response.status_code < 500, response.content[:500]
    return "yes"


@pytest.mark.django_db
@pytest.mark.parametrize("page", OUR_PAGES, ids=lambda page: page[0])
def test_pages(page: tuple[str, Any, set[str]], world: World) -> None:
    name, view, names = page
    address = page_address(world, name, names)
    seen = set()
    for (role, town), user in [*world.people.items(), (("anonymous", 0), None)]:
        client = client_of(user)
        point = transaction.savepoint()
        response = client.get(address)
        if response.status_code == 405:
            response = client.post(address, {"reason": "原因", "to": "checking", "active": "0", "version": "1"})
        transaction.savepoint_rollback(point)
        wanted = expected(user, view.action, world, thing=bool(names & THINGS))
        if name in OWN and wanted == "yes" and (role, town) != ("officer", 0):
            wanted = "404"
        assert (role, town, told(response)) == (role, town, wanted), address
        seen.add(wanted)
    assert "yes" in seen


BODIES: dict[str, Any] = {
    "batch_create": lambda world: {"city_id": world.here.city.pk, "name": "接口批"},
    "batch_advance": lambda _world: {"to": "checking"},
    "batch_send_back": lambda _world: {"reason": "改"},
    "opportunity_edit": lambda _world: {"unit": "乙局"},
    "opportunity_withdraw": lambda _world: {"reason": "重复"},
    "merge": lambda _world: {"take": []},
    "import_choose": lambda _world: {"positions": [1]},
    "organisation_create": lambda world: {"kind": "department", "city_id": world.here.city.pk, "name": "新局"},
}


@pytest.mark.django_db
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation[0])
def test_operations(operation: tuple[str, str, str, Any], world: World) -> None:
    _name, path, method, view = operation
    given = arguments(world)
    address = path.replace("int:", "")
    for key, value in given.items():
        address = address.replace("{" + key + "}", str(value))
    address = "/api/v1" + ("/public" if PERMISSIONS[view.action].public else "") + address
    body = BODIES.get(view.__name__)
    thing = any("{int:" + key + "}" in path for key in THINGS) or (body is not None and "city_id" in body(world))
    seen = set()
    for (role, town), user in [*world.people.items(), (("anonymous", 0), None)]:
        headers = token_of(user) if user else {}
        if view.__name__ == "opportunity_edit":
            headers["If-Match"] = f'"{given["opportunity_id"]}-1"'
        point = transaction.savepoint()
        client = client_of(None)
        if view.__name__ == "import_new":
            response = client.post(address, {"file": upload(workbook([]))}, headers=headers)
        else:
            data = json.dumps(body(world)) if body else ""
            response = client.generic(method, address, data, content_type="application/json", headers=headers)
        transaction.savepoint_rollback(point)
        wanted = expected(user, view.action, world, thing=thing)
        assert (role, town, told(response)) == (role, town, wanted), (address, response.content[:300])
        seen.add(wanted)
    assert "yes" in seen
