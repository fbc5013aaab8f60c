"""Lists ask the database as often for three rows as for one; the counts are written down."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from web_world import NAMES, World, add, client_of, publish, token_of

from yingcheng.web.accounts.models import Membership, Organisation, User
from yingcheng.web.opportunities.actions.batches import create_batch
from yingcheng.web.opportunities.actions.reviewing import check_batch

pytestmark = pytest.mark.django_db


def queries(ask: Callable[[], Any]) -> int:
    ask()  # what is looked up once per process
    with CaptureQueriesContext(connection) as seen:
        reply = ask()
    assert reply.status_code == 200
    return len(seen)


def with_rows(world: World, count: int) -> int:
    """A published batch with that many rows of everything."""
    batch = create_batch(city=world.here.city, name=f"{count} 行", by=world.actor("officer"))
    for place in range(count):
        add(batch, NAMES[place], f"第{place}局", place)
    check_batch(batch_id=batch.pk)
    publish(batch, world.person("officer"), world.person("reviewer"))
    return batch.pk


PAGES = {
    "/": (None, 3),
    "/opportunities.json": (None, 1),
    "/feed.atom": (None, 1),
    "/desk/batches/": ("officer", 5),
    "/desk/batches/{batch}/": ("officer", 9),
    "/desk/organisations/": ("officer", 4),
    "/desk/people/": ("officer", 5),
    "/desk/audit/": ("auditor", 5),
}


@pytest.mark.parametrize("address", PAGES)
def test_pages(world: World, address: str) -> None:
    role, expected = PAGES[address]
    client = client_of(world.person(role)) if role else Client()
    counts = []
    for rows in (1, 3):
        batch = with_rows(world, rows)
        for place in range(rows):
            organisation = Organisation.objects.create(kind="department", city=world.here.city, name=f"局{rows}{place}")
            user = User.objects.create(username=f"u{rows}{place}", name="某")
            Membership.objects.create(user=user, organisation=organisation, role="leader")
        counts.append(queries(lambda batch=batch: client.get(address.format(batch=batch))))
    assert counts == [expected, expected]


API = {
    "/api/v1/opportunities?batch_id={batch}": 3,
    "/api/v1/batches": 3,
    "/api/v1/organisations": 3,
    "/api/v1/public/opportunities": 1,
}


@pytest.mark.parametrize("address", API)
def test_api(world: World, address: str) -> None:
    headers = {} if "public" in address else token_of(world.person("officer"))
    counts, lengths = [], []
    for rows in (1, 3):
        batch = with_rows(world, rows)

        def ask(batch: int = batch) -> Any:
            return Client().get(address.format(batch=batch), headers=headers)

        counts.append(queries(ask))
        lengths.append(len(json.loads(ask().content)["items"]))
    assert lengths[0] < lengths[1] or "organisations" in address
    assert counts == [API[address], API[address]]
