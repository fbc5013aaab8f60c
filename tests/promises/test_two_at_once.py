"""Two people at the same moment, on both databases: nobody's work is lost, nothing is done twice."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

from django.db import connection, connections
from web_world import NAMES, World, client_of, row, run_jobs, token_of, upload, workbook

from yingcheng.errors import YingchengError
from yingcheng.web.audit.actions import verify
from yingcheng.web.opportunities.actions import batches, importing
from yingcheng.web.opportunities.models import Batch, Import, Opportunity, Publication, Version


def together(*deeds: Callable[[], Any]) -> list[Any]:
    """Run deeds at the same time, each with a connection of its own; what they returned or raised."""
    gate = threading.Barrier(len(deeds))
    results: list[Any] = [None] * len(deeds)

    def run(place: int, deed: Callable[[], Any]) -> None:
        try:
            gate.wait(timeout=20)
            results[place] = deed()
        except YingchengError as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place, deed)) for place, deed in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive()
    return results


def test_two_officers_edit_one_row_and_the_second_merges(real_world: World) -> None:
    target = real_world.here.opportunities[0]
    address = f"/desk/opportunities/{target.pk}/field/unit/"
    clients = [client_of(real_world.person("officer")) for _one in range(2)]
    data = [{"version": "1", "unit": f"第{place}局"} for place in range(2)]
    replies = together(*(lambda c=c, d=d: c.post(address, d) for c, d in zip(clients, data, strict=True)))
    assert sorted(reply.status_code for reply in replies) == [200, 302]
    target.refresh_from_db()
    assert target.version == 2
    second = next(place for place, reply in enumerate(replies) if reply.status_code == 200)
    shown = replies[second].content.decode()
    assert target.unit in shown  # the other's text stands beside one's own
    assert 'name="version" value="2"' in shown
    merged = {"version": "2", "unit": f"{target.unit}、第{second}局"}
    assert clients[second].post(address, merged).status_code == 302
    target.refresh_from_db()
    assert target.unit == merged["unit"]
    assert verify().sound


def test_control_without_the_lock_an_edit_is_lost(real_world: World) -> None:
    """The race is real: reading, thinking and writing without lock and version loses one of two edits."""
    target = real_world.here.opportunities[0]
    both_have_read = threading.Barrier(2)

    def careless(unit: str) -> None:
        seen = Opportunity.objects.get(pk=target.pk)
        both_have_read.wait(timeout=20)
        seen.unit = unit
        seen.version += 1
        seen.save(update_fields=["unit", "version"])

    together(lambda: careless("甲"), lambda: careless("乙"))
    target.refresh_from_db()
    assert target.version == 2  # two edits, one counted


def test_many_edits_of_different_rows_all_count(real_world: World) -> None:
    rows = real_world.here.opportunities
    clients = [client_of(real_world.person("officer")) for _row in rows]

    def many(client: Any, one: Opportunity) -> list[int]:
        address = f"/desk/opportunities/{one.pk}/field/unit/"
        return [client.post(address, {"version": str(turn), "unit": f"第{turn}局"}).status_code for turn in range(1, 9)]

    replies = together(*(lambda c=c, r=r: many(c, r) for c, r in zip(clients, rows, strict=True)))
    assert replies == [[302] * 8] * 3
    assert [one.version for one in real_world.here.opportunities] == [9, 9, 9]
    assert verify().sound


def test_an_import_is_taken_over_once(real_world: World) -> None:
    here = real_world.here
    replies = together(
        *(lambda: importing.apply_import(import_id=here.source.pk, by=real_world.actor("officer")) for _two in range(2))
    )
    assert sum(reply == (1, 0) for reply in replies) == 1
    assert Opportunity.objects.filter(batch=here.batch, name="新来的").count() == 1


def test_an_edit_between_preview_and_import_is_not_overwritten(real_world: World) -> None:
    here = real_world.here
    officer = client_of(real_world.person("officer"))
    content = workbook([row(NAMES[0], here.department.name, need="来件里的新写法，请提供方案并运营。")])
    officer.post(f"/desk/batches/{here.batch.pk}/import/", {"file": upload(content)})
    run_jobs()
    source = Import.objects.latest("pk")
    target = source.rows.get().target
    assert target is not None
    officer.post(f"/desk/opportunities/{target.pk}/field/need/", {"version": "1", "need": "经办员刚写的"})
    reply = officer.post(f"/desk/imports/{source.pk}/apply/", {"row": ["1"], "shown": ["1"], "then": "apply"})
    assert reply.status_code == 409
    officer.post(f"/desk/imports/{source.pk}/again/")
    run_jobs()
    reply = officer.post(f"/desk/imports/{source.pk}/apply/", {"row": ["1"], "shown": ["1"], "then": "apply"})
    assert reply.status_code == 302
    target.refresh_from_db()
    assert target.need == "经办员刚写的"  # decided by a person: kept though the file says otherwise


def test_two_reviewers_publish_once(real_world: World) -> None:
    batch = real_world.here.batch
    for to in ("checking", "desensitising"):
        batches.advance(batch_id=batch.pk, to=to, by=real_world.actor("officer"))
    batches.submit_for_approval(batch_id=batch.pk, by=real_world.actor("officer"))
    replies = together(
        *(lambda: batches.approve(batch_id=batch.pk, by=real_world.actor("reviewer")) for _two in range(2))
    )
    assert sum(getattr(reply, "new", 0) == 3 for reply in replies) == 1
    assert Version.objects.filter(opportunity__batch=batch).count() == 3
    assert Publication.objects.filter(opportunity__batch=batch).count() == 3


def test_an_import_during_the_check_is_checked_again(real_world: World) -> None:
    here = real_world.here
    together(
        lambda: importing.apply_import(import_id=here.source.pk, by=real_world.actor("officer")),
        run_jobs,
    )
    run_jobs()
    batch = Batch.objects.get(pk=here.batch.pk)
    assert batch.is_checked
    assert Opportunity.objects.get(batch=batch, name="新来的").completeness > 0


def test_a_write_sent_twice_with_one_key_is_done_once(real_world: World) -> None:
    headers = {**token_of(real_world.person("officer")), "Idempotency-Key": "k-1"}
    body = json.dumps({"city_id": real_world.here.city.pk, "name": "接口批"})

    def send(text: str = body) -> Any:
        return client_of(None).post("/api/v1/batches", text, content_type="application/json", headers=headers)

    replies = together(send, send)
    assert [reply.status_code for reply in replies] == [201, 201]
    assert replies[0].json() == replies[1].json()
    assert Batch.objects.filter(name="接口批").count() == 1
    assert send(json.dumps({"city_id": real_world.here.city.pk, "name": "另一批"})).status_code == 422
    assert Batch.objects.filter(name="另一批").count() == 0


def test_control_without_a_key_it_is_tried_twice(real_world: World) -> None:
    headers = token_of(real_world.person("officer"))
    body = json.dumps({"city_id": real_world.here.city.pk, "name": "接口批"})
    codes = [
        client_of(None).post("/api/v1/batches", body, content_type="application/json", headers=headers).status_code
        for _two in range(2)
    ]
    assert codes == [201, 422]


def test_sqlite_waits_its_turn(real_world: World) -> None:
    """Settings that this promise stands on."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode")
            assert cursor.fetchone()[0] == "wal"
            cursor.execute("PRAGMA foreign_keys")
            assert cursor.fetchone()[0] == 1
        assert connection.transaction_mode == "IMMEDIATE"
