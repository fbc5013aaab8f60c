"""How long pages, the API and imports of the web take with 5,000 opportunities: server time, p50 and p95.

The peer is the same rows as a bare table of Django, without frame, filters, rights and cells to edit: the floor that a
server-rendered list stands on. Run with the extra ``web``: ``python benchmarks/web.py [sqlite|postgresql]``.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROWS, TURNS = 5_000, 25
ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "web")]

from private_postgres import PrivatePostgres  # noqa: E402  # of the tests

server = PrivatePostgres.start() if sys.argv[1:] == ["postgresql"] else None
os.environ.update(
    DJANGO_SETTINGS_MODULE="yingcheng.web.settings",
    YINGCHENG_DATA=tempfile.mkdtemp(prefix="yingcheng-bench-"),
    YINGCHENG_SECRET_KEY="b" * 40,
    YINGCHENG_HOSTS="testserver",
    **({"YINGCHENG_DATABASE_URL": server.url} if server else {}),
)
import django  # noqa: E402  # the settings are chosen above

django.setup()

import web_world  # noqa: E402
from django.conf import settings  # noqa: E402
from django.template import Context, Engine  # noqa: E402
from django.test import Client  # noqa: E402

from yingcheng.web.accounts.actor import SYSTEM  # noqa: E402
from yingcheng.web.installation import prepare  # noqa: E402
from yingcheng.web.opportunities.actions import batches, importing  # noqa: E402
from yingcheng.web.opportunities.actions.reviewing import check_batch  # noqa: E402
from yingcheng.web.opportunities.models import Import, Opportunity  # noqa: E402

PLAIN = Engine().from_string(
    "<table>{% for row in rows %}<tr><td>{{ row.name }}</td><td>{{ row.unit }}</td><td>{{ row.completeness }}</td></tr>"
    "{% endfor %}</table>{{ count }}"
)


def timed(name: str, deed: Callable[[], Any], turns: int = TURNS) -> float:
    """Print and give the median of several turns, in milliseconds."""
    deed()
    times = []
    for _turn in range(turns):
        started = time.perf_counter()
        reply = deed()
        times.append(1000 * (time.perf_counter() - started))
        if getattr(reply, "status_code", 200) != 200:
            raise RuntimeError(f"{name}: {reply.status_code}")
    times.sort()
    middle = statistics.median(times)
    print(f"| {name} | {middle:.0f} | {times[int(0.95 * (len(times) - 1))]:.0f} |")
    return middle


def main() -> None:
    """Build two towns, fill one batch, and measure."""
    settings.SECOND_FACTOR = "optional"
    prepare()
    world = web_world.build_world()
    by = world.actor("officer")
    batch = batches.create_batch(city=world.here.city, name="五千条", by=SYSTEM)
    kinds = (
        "停车改造",
        "河道夜游",
        "能耗监测",
        "食品追溯",
        "导览系统",
        "冷链监控",
        "路灯节能",
        "垃圾清运",
        "社区养老",
        "公交调度",
    )
    names = [f"{chr(0x4E00 + 7 * (i % 3000))}{chr(0x6000 + i // 10)}{kinds[i % 10]}" for i in range(ROWS)]
    rows = [web_world.row(name, f"第{i % 40}局", i) for i, name in enumerate(names)]
    print(f"{'PostgreSQL' if server else 'SQLite'}, {ROWS:,} opportunities, {TURNS} turns; milliseconds\n")
    print("| what | p50 | p95 |\n|---|---|---|")
    upload = web_world.upload(web_world.workbook(rows))
    importing.receive_import(batch_id=batch.pk, upload=upload, organisation=None, by=by)
    source = Import.objects.latest("pk")
    for name, deed in (
        ("import of 5,000 rows: read and lay out", lambda: importing.read_import(import_id=source.pk)),
        ("import of 5,000 rows: take over", lambda: importing.apply_import(import_id=source.pk, by=by)),
        ("the engine's review of 5,000", lambda: check_batch(batch_id=batch.pk)),
    ):
        started = time.perf_counter()
        deed()
        print(f"| {name} | {1000 * (time.perf_counter() - started):.0f} | once |")
    started = time.perf_counter()
    web_world.publish(batch, world.person("officer"), world.person("reviewer"))
    print(f"| approve and publish | {1000 * (time.perf_counter() - started):.0f} | once |")
    officer, anyone = web_world.client_of(world.person("officer")), Client()
    key = web_world.token_of(world.person("officer"))
    listed = timed("officers' list, page 1", lambda: officer.get(f"/desk/batches/{batch.pk}/"))
    timed("officers' list, page 90", lambda: officer.get(f"/desk/batches/{batch.pk}/?state=active&page=90"))
    timed("officers' list, search", lambda: officer.get(f"/desk/batches/{batch.pk}/?q=停车"))
    timed("portal with facets", lambda: anyone.get("/"))
    timed("portal, search and a facet", lambda: anyone.get("/?q=停车&region=小店区"))
    timed("API, 50 of 5,000", lambda: anyone.get(f"/api/v1/opportunities?batch_id={batch.pk}", headers=key))
    timed("audit trail", lambda: web_world.client_of(world.person("auditor")).get("/desk/audit/"))

    def plain() -> Any:
        found = Opportunity.objects.filter(batch=batch, state="active")
        return PLAIN.render(Context({"rows": list(found.order_by("pk")[:50]), "count": found.count()}))

    floor = timed("floor: the same 50 rows as a bare table, no middleware", plain)
    print(f"\nofficers' list ÷ floor: {listed / floor:.1f}")
    if server:
        server.stop()


if __name__ == "__main__":
    main()
