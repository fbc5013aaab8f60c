"""The API: scopes, expiry, cursors, ETags, problem+json."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from web_world import World, run_jobs, token_of, upload, workbook
from web_world import row as line

from yingcheng.web.accounts.models import ApiToken
from yingcheng.web.opportunities.models import Opportunity

pytestmark = pytest.mark.django_db
API = "/api/v1"


def send(method: str, path: str, headers: dict[str, str], body: Any = None) -> Any:
    data = json.dumps(body) if body is not None else ""
    return Client().generic(method, API + path, data, content_type="application/json", headers=headers)


def test_a_token_works_within_its_scopes_until_it_ends(world: World) -> None:
    reading = token_of(world.person("officer"), ["opportunities:read"])
    assert send("GET", "/batches", reading).status_code == 200
    refused = send("POST", "/batches", reading, {"city_id": world.here.city.pk, "name": "批"})
    assert refused.status_code == 403
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == "not-allowed"
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    ended = send("GET", "/batches", reading)
    assert ended.status_code == 401
    assert ended.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_session_is_no_token(world: World, officer: Client) -> None:
    assert officer.get(f"{API}/batches").status_code == 401  # so no form of another site can write


def test_the_token_of_a_disabled_person_ends(world: World) -> None:
    headers = token_of(world.person("officer"))
    type(world.person("officer")).objects.filter(username="officer0").update(is_active=False)
    assert send("GET", "/me", headers).status_code == 401


def test_cursors_neither_miss_nor_repeat(world: World) -> None:
    headers = token_of(world.person("officer"))
    seen, cursor = [], ""
    while True:
        page = send("GET", f"/opportunities?limit=1&cursor={cursor}", headers).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    mine = Opportunity.objects.filter(batch__city=world.here.city).order_by("pk").values_list("pk", flat=True)
    assert seen == list(mine)
    assert send("GET", "/opportunities?cursor=nonsense", headers).status_code == 400


def test_etags(world: World) -> None:
    headers = token_of(world.person("officer"))
    one = world.here.opportunities[0]
    read = send("GET", f"/opportunities/{one.pk}", headers)
    tag = read.headers["ETag"]
    assert send("GET", f"/opportunities/{one.pk}", {**headers, "If-None-Match": tag}).status_code == 304
    assert send("PATCH", f"/opportunities/{one.pk}", headers, {"unit": "新局"}).status_code == 428
    saved = send(
        "PATCH", f"/opportunities/{one.pk}", {**headers, "If-Match": tag}, {"unit": "新局", "investment": "2亿元"}
    )
    assert (saved.json()["unit"], saved.json()["investment"]) == ("新局", "2亿元")
    assert saved.headers["ETag"] != tag
    late = send("PATCH", f"/opportunities/{one.pk}", {**headers, "If-Match": tag}, {"unit": "别的局"})
    assert late.status_code == 412
    assert send("GET", f"/opportunities/{one.pk}", headers).json()["unit"] == "新局"


def test_faults_are_problems_with_codes(world: World) -> None:
    headers = token_of(world.person("officer"))
    one = world.here.opportunities[0]
    tag = {**headers, "If-Match": f'"{one.pk}-1"'}
    for method, path, sent, body, status, code in (
        ("GET", "/opportunities/999999", headers, None, 404, "not-found"),
        ("POST", f"/batches/{world.here.batch.pk}/submit", headers, None, 409, "wrong-state"),
        ("POST", "/batches", headers, {"name": ""}, 422, "invalid"),
        ("PATCH", f"/opportunities/{one.pk}", tag, {"tracks": ["没有的赛道"]}, 400, "input"),
    ):
        reply = send(method, path, sent, body)
        assert (reply.status_code, reply.json()["code"]) == (status, code), reply.content
        assert reply.headers["Content-Type"] == "application/problem+json"


def test_an_import_by_program(world: World) -> None:
    headers = token_of(world.person("officer"))
    made = Client().post(
        f"{API}/batches/{world.here.batch.pk}/imports", {"file": upload(workbook([line("接口场景")]))}, headers=headers
    )
    assert made.status_code == 201
    run_jobs()
    number = made.json()["id"]
    assert send("GET", f"/imports/{number}", headers).json()["status"] == "ready"
    rows = send("GET", f"/imports/{number}/rows", headers).json()["items"]
    assert [(item["name"], item["kind"]) for item in rows] == [("接口场景", "new")]
    assert send("POST", f"/imports/{number}/apply", headers).json() == {"done": {"added": 1, "changed": 0}}


def test_the_description_names_every_operation(world: World) -> None:
    paths = Client().get(f"{API}/openapi.json").json()["paths"]
    assert len(paths) > 30
