"""``kill -9`` of a worker during an import or a check: nothing is half-done, and the work is done by the next one."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from web_world import World, client_of, row, run_jobs, upload, workbook

from yingcheng.web.audit.actions import verify
from yingcheng.web.audit.models import Entry
from yingcheng.web.jobs.actions import LOST_AFTER, forget_worker, pulse, recover_lost
from yingcheng.web.jobs.models import WorkerPulse
from yingcheng.web.opportunities.actions.reviewing import check_batch_task
from yingcheng.web.opportunities.models import Import, ImportRow

# A worker that stops for ever at a given point of the given task, as if the machine were slow there.
SLOW = """
import sys, time
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[4]
django.setup()
from pathlib import Path
settings.UPLOADS = Path(sys.argv[3])
from yingcheng.web.opportunities.actions import importing, reviewing
module, name = {"import": (importing, "ImportRow"), "check": (reviewing, "Opportunity")}[sys.argv[2]]
real = getattr(module, name).objects
class Stuck:
    def __getattr__(self, name):
        if name in {"bulk_create", "bulk_update"}:
            def halfway(rows, *rest, **options):
                getattr(real, name)(rows[: len(rows) // 2 + 1], *rest, **options)
                print("halfway", flush=True)
                time.sleep(600)
            return halfway
        return getattr(real, name)
getattr(module, name).objects = Stuck()
from yingcheng.web.jobs.worker import work
work(sys.argv[1])
"""


def killed_halfway(what: str, settings: LazySettings, tmp_path: Path) -> None:
    """Start a worker, wait until it stands in the middle of its transaction, and kill it."""
    script = tmp_path / "slow.py"
    script.write_text(SLOW, encoding="utf-8")
    arguments = ["doomed", what, str(settings.UPLOADS), str(connection.settings_dict["NAME"])]
    log = tmp_path / "worker.log"
    with log.open("w") as errors:
        worker = subprocess.Popen(
            [sys.executable, str(script), *arguments], stdout=subprocess.PIPE, stderr=errors, text=True
        )
    assert worker.stdout is not None
    try:
        assert worker.stdout.readline() == "halfway\n", log.read_text()
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait(timeout=20)
        worker.stdout.close()


def test_killed_while_reading_an_import(real_world: World, settings: LazySettings, tmp_path: Path) -> None:
    officer = client_of(real_world.person("officer"))
    run_jobs()
    rows = [row(f"场景{chr(0x4E00 + number)}", number=number) for number in range(20)]
    officer.post(f"/desk/batches/{real_world.here.batch.pk}/import/", {"file": upload(workbook(rows))})
    source = Import.objects.latest("pk")
    killed_halfway("import", settings, tmp_path)
    source.refresh_from_db()
    assert source.status == Import.Status.WAITING
    assert ImportRow.objects.filter(source=source).count() == 0  # not half of them
    assert DBTaskResult.objects.filter(status="RUNNING").count() == 1
    assert recover_lost() == 0  # control: a worker that was just alive keeps its task
    forget_worker("doomed")  # as yingcheng serve does when it sees its worker end
    run_jobs()
    source.refresh_from_db()
    assert source.status == Import.Status.READY
    assert source.rows.count() == 20
    assert Entry.objects.filter(action="job.recover").count() == 1
    assert verify().sound


def test_killed_while_checking_a_batch(real_world: World, settings: LazySettings, tmp_path: Path) -> None:
    officer = client_of(real_world.person("officer"))
    run_jobs()
    batch = real_world.here.batch
    target = real_world.here.opportunities[0]
    officer.post(f"/desk/opportunities/{target.pk}/field/need/", {"version": "1", "need": ""})
    killed_halfway("check", settings, tmp_path)
    batch.refresh_from_db()
    target.refresh_from_db()
    assert not batch.is_checked
    assert target.publishable  # still what the last whole check said
    WorkerPulse.objects.filter(worker="doomed").update(seen_at=timezone.now() - 2 * LOST_AFTER)
    run_jobs()
    batch.refresh_from_db()
    target.refresh_from_db()
    assert batch.is_checked
    assert not target.publishable


@pytest.mark.django_db
def test_a_task_that_kills_its_workers_is_given_up(world: World) -> None:
    check_batch_task.enqueue(world.here.batch.pk)
    task = DBTaskResult.objects.get()
    DBTaskResult.objects.filter(pk=task.pk).update(status="RUNNING", worker_ids=["a", "b", "c"])
    assert recover_lost() == 1
    task.refresh_from_db()
    assert task.status == "FAILED"


@pytest.mark.django_db
def test_who_shows_life_keeps_the_task(world: World) -> None:
    check_batch_task.enqueue(world.here.batch.pk)
    pulse("a")
    DBTaskResult.objects.filter(status="READY").update(status="RUNNING", worker_ids=["a"])
    assert recover_lost() == 0
    WorkerPulse.objects.update(seen_at=timezone.now() - LOST_AFTER - timedelta(seconds=1))
    assert recover_lost() > 0
