"""Audit: every write leaves an entry in the same transaction, and the trail cannot be changed without notice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import web_world
from django.db import DatabaseError, connection, transaction
from test_permission_table import BODIES, OPERATIONS, OUR_PAGES, arguments, page_address
from web_world import World, client_of, run_jobs, token_of, upload, workbook

from yingcheng.web.accounts.actor import SYSTEM
from yingcheng.web.audit import triggers
from yingcheng.web.audit.actions import record, verify
from yingcheng.web.audit.models import Entry
from yingcheng.web.opportunities.models import Opportunity
from yingcheng.web.permissions import PERMISSIONS

ENTRY = '"web_entry"'
# What is no deed of anybody: sessions, signs of life, replies kept for repeated requests.
BOOKKEEPING = ("django_session", "web_workerpulse", "web_rememberedreply", "django_tasks_db", "web_cache")


class Watch:
    """Writes as the database sees them, transaction by transaction."""

    def __init__(self) -> None:
        self.writes: list[str] = []
        self.entries = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        verb = sql.lstrip().split(" ", 1)[0].upper()
        if verb in {"INSERT", "UPDATE", "DELETE"}:
            if ENTRY in sql:
                assert verb == "INSERT"
                assert connection.in_atomic_block
                self.entries += 1
            elif not any(name in sql for name in BOOKKEEPING):
                self.writes.append(sql[:120])
        return execute(sql, params, many, context)


@contextmanager
def watching() -> Iterator[Watch]:
    watch = Watch()
    with connection.execute_wrapper(watch):
        yield watch


WRITING_PAGES = [page for page in OUR_PAGES if not PERMISSIONS[page[1].action].public or page[0] in {"need", "join"}]


@pytest.mark.django_db
@pytest.mark.parametrize("page", WRITING_PAGES, ids=lambda page: page[0])
def test_pages(page: tuple[str, Any, set[str]], world: World) -> None:
    name, view, names = page
    address = page_address(world, name, names)
    roles = PERMISSIONS[view.action].roles
    role = next(iter(roles)).value if roles else "officer"
    client = client_of(world.person(role))
    data = {
        "reason": "原因", "to": "checking", "active": "0", "version": "1", "unit": "改过的局", "name": "改名",
        "username": "someone", "password": web_world.PASSWORD, "again": web_world.PASSWORD, "step": "send",
        "need": "需要改造停车场的运营商", "contact": "钱多多 0351-0000000", "row": "1", "shown": "1", "then": "apply",
        "organisation": str(world.here.department.pk), "kind": "department", "city": str(world.here.city.pk),
        "scopes": "opportunities:read", "days": "3", "role": "leader",
    }  # fmt: skip
    with watching() as watch:
        response = client.post(address, data)
        if response.status_code == 405:
            response = client.get(address)
    assert response.status_code < 500
    assert bool(watch.writes) <= bool(watch.entries), watch.writes


@pytest.mark.django_db
@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o[2] != "GET"], ids=lambda operation: operation[0])
def test_operations(operation: tuple[str, str, str, Any], world: World) -> None:
    _name, path, method, view = operation
    given = arguments(world)
    address = "/api/v1" + path.replace("int:", "")
    for key, value in given.items():
        address = address.replace("{" + key + "}", str(value))
    role = next(iter(PERMISSIONS[view.action].roles)).value
    headers = {**token_of(world.person(role)), "If-Match": f'"{given["opportunity_id"]}-1"'}
    with watching() as watch:
        if view.__name__ == "import_new":
            response = client_of(None).post(address, {"file": upload(workbook([]))}, headers=headers)
        else:
            body = json.dumps(BODIES[view.__name__](world)) if view.__name__ in BODIES else ""
            response = client_of(None).generic(method, address, body, content_type="application/json", headers=headers)
    assert response.status_code < 500
    assert bool(watch.writes) <= bool(watch.entries), watch.writes


@pytest.mark.django_db
def test_bulk_paths_leave_an_entry_per_row(world: World) -> None:
    client = client_of(world.person("officer"))
    rows = [web_world.row(f"批量场景{chr(0x4E00 + number)}", number=number) for number in range(12)]
    client.post(f"/desk/batches/{world.here.batch.pk}/import/", {"file": upload(workbook(rows))})
    run_jobs()
    source = world.here.batch.imports.latest("pk")  # type: ignore[attr-defined]
    before = Entry.objects.filter(action="opportunity.add").count()
    with watching() as watch:
        shown = [str(number) for number in range(1, 13)]
        client.post(f"/desk/imports/{source.pk}/apply/", {"row": shown, "shown": shown, "then": "apply"})
    assert watch.writes
    assert Entry.objects.filter(action="opportunity.add").count() == before + 12
    assert verify().sound


@pytest.mark.django_db
def test_a_refused_write_leaves_nothing(world: World) -> None:
    row = world.here.opportunities[0]
    before = Entry.objects.count()
    response = client_of(world.person("officer")).post(
        f"/desk/opportunities/{row.pk}/edit/", {"version": "1", "name": ""}
    )
    assert response.status_code == 400
    assert Entry.objects.count() == before


@pytest.mark.django_db
def test_an_entry_outside_of_a_transaction_is_our_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yingcheng.web.audit.actions.connection", SimpleNamespace(in_atomic_block=False))
    with pytest.raises(RuntimeError):
        record(SYSTEM, "x", None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE web_entry SET actor = 'somebody else'",
        "DELETE FROM web_entry",
        "DELETE FROM web_entry WHERE sequence = (SELECT max(sequence) FROM web_entry)",
        "INSERT OR REPLACE INTO web_entry SELECT * FROM web_entry WHERE sequence = 1",
        "TRUNCATE web_entry",
    ],
)
def test_the_database_refuses(world: World, statement: str) -> None:
    if ("TRUNCATE" in statement) != (connection.vendor == "postgresql") and "TRUNCATE" in statement:
        pytest.skip("SQLite has no TRUNCATE")
    if "REPLACE" in statement and connection.vendor == "postgresql":
        pytest.skip("PostgreSQL has no INSERT OR REPLACE")
    before = list(Entry.objects.values_list("digest", flat=True))
    refused = pytest.raises(DatabaseError, match="never changed or removed")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(Entry.objects.values_list("digest", flat=True)) == before


@pytest.mark.django_db
def test_the_queryset_is_refused_too(world: World) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Entry.objects.update(actor="somebody else")
    with pytest.raises(DatabaseError), transaction.atomic():
        Entry.objects.all().delete()


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["change", "remove", "insert", "cut"])
def test_who_gets_round_the_database_is_found_out(world: World, how: str) -> None:
    sound = verify()
    assert sound.sound
    assert sound.entries > 20
    triggers.remove(connection)
    middle = Entry.objects.order_by("sequence")[10]
    if how == "change":
        Entry.objects.filter(pk=middle.pk).update(title="something else")
    elif how == "remove":
        Entry.objects.filter(pk=middle.pk).delete()
    elif how == "insert":
        last = Entry.objects.latest("sequence")
        last.sequence += 1
        last.save(force_insert=True)
    else:
        Entry.objects.filter(sequence__gt=15).delete()
    triggers.install(connection)
    found = verify(expected=[sound.head] if how == "cut" else [])
    assert not found.sound
    if how == "cut":
        assert verify().sound  # control: without a head noted elsewhere a cut tail cannot be seen
    else:
        assert found.broken in {middle.sequence, sound.entries + 1}


@pytest.mark.django_db
def test_contacts_never_stand_in_the_trail(world: World) -> None:
    row = world.here.opportunities[0]
    client_of(world.person("officer")).post(f"/desk/opportunities/{row.pk}/contact/")
    assert Entry.objects.filter(action="contact.reveal", key=str(row.pk)).count() == 1
    client_of(world.person("officer")).post(
        f"/desk/opportunities/{row.pk}/contact/edit/",
        {"version": "1", "person": "钱多多", "phones": "13911112222", "publishable": ["phone"]},
    )
    assert Opportunity.objects.get(pk=row.pk).card.phones == ["13911112222"]
    text = "".join(Entry.objects.values_list("changes", flat=True))
    assert "13911112222" not in text
    assert web_world.PHONE not in text
