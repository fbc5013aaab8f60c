"""Whatever a program sends to the API, as its description allows or not: never a fault of ours."""

from __future__ import annotations

import pytest
import requests
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, settings
from web_world import World, token_of

from yingcheng.web.api import api

schema = schemathesis.openapi.from_dict(api.get_openapi_schema())


@pytest.fixture
def keys(world: World) -> list[dict[str, str]]:
    return [token_of(world.person(role)) for role in ("officer", "reviewer")]


@pytest.mark.django_db
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@schema.parametrize()
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
def test_no_fault_of_ours(case: schemathesis.Case, keys: list[dict[str, str]]) -> None:
    for headers in keys:
        asked = requests.Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
        reply = Client(raise_request_exception=False).generic(
            asked.method or "GET",
            asked.path_url,
            asked.body or b"",
            content_type=asked.headers.get("Content-Type", "application/json"),
            headers={**{k: str(v) for k, v in (case.headers or {}).items()}, **headers},
        )
        assert reply.status_code < 500, (case.method, case.path, reply.content[:500])
