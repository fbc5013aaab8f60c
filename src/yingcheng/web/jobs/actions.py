"""Workers show that they live; what a lost one held is given to another."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from yingcheng.web.accounts.actor import Actor
from yingcheng.web.audit.actions import record
from yingcheng.web.jobs.models import WorkerPulse

__all__ = ["LOST_AFTER", "forget_worker", "pulse", "recover_lost"]

LOST_AFTER = timedelta(seconds=60)
_TRIES = 3
_log = logging.getLogger("yingcheng.jobs")
_BY = Actor(None, "系统", "job")


def pulse(worker: str) -> None:
    """The worker is alive now."""
    WorkerPulse.objects.update_or_create(worker=worker, defaults={"seen_at": timezone.now()})


def forget_worker(worker: str) -> None:
    """The worker has ended, whether in peace or not."""
    WorkerPulse.objects.filter(worker=worker).delete()


def recover_lost() -> int:
    """Give tasks of workers that show no life back to the queue; after three tries a task counts as failed.

    Tasks are idempotent and keep what they make in one transaction, so doing one again does no harm.

    Returns:
        How many tasks were recovered or given up.
    """
    with transaction.atomic():
        alive = set(
            WorkerPulse.objects.filter(seen_at__gte=timezone.now() - LOST_AFTER).values_list("worker", flat=True)
        )
        running = DBTaskResult.objects.select_for_update(skip_locked=True).filter(status=TaskResultStatus.RUNNING)
        lost = [task for task in running if not task.worker_ids or task.worker_ids[-1] not in alive]
        for task in lost:
            if len(task.worker_ids) >= _TRIES:
                task.status = TaskResultStatus.FAILED
                task.finished_at = timezone.now()
                task.exception_class_path = "yingcheng.errors.YingchengError"
                task.traceback = f"worker lost {len(task.worker_ids)} times"
            else:
                task.status = TaskResultStatus.READY
                task.started_at = None
            task.save()
            said = {"task": task.task_name, "worker": task.worker_ids[-1:], "status": str(task.status)}
            record(_BY, "job.recover", None, said, title=task.task_name)
            _log.warning("recovered %s of lost worker %s", task.task_name, task.worker_ids[-1:])
        WorkerPulse.objects.filter(seen_at__lt=timezone.now() - 10 * LOST_AFTER).delete()
    return len(lost)
