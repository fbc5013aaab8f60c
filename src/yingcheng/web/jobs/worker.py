"""The worker: takes tasks off the database's queue, shows that it lives, and recovers what others lost."""

from __future__ import annotations

import threading

from django.db import close_old_connections, connection
from django_tasks_db.management.commands.db_worker import Worker

from yingcheng.web.jobs.actions import LOST_AFTER, forget_worker, pulse, recover_lost

__all__ = ["new_worker", "work"]


def new_worker(worker_id: str) -> Worker:
    """A worker for all our tasks."""
    return Worker(
        queue_names=["default"],
        interval=0.5,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=worker_id,
        excluded_queue_names=[],
    )


def work(worker_id: str) -> None:
    """Work until told to stop."""
    pulse(worker_id)
    recover_lost()
    stop = threading.Event()
    heart = threading.Thread(target=_beat, args=(worker_id, stop), daemon=True)
    heart.start()
    worker = new_worker(worker_id)
    worker.configure_signals()
    try:
        worker.run()
    finally:
        stop.set()
        heart.join(timeout=5)
        forget_worker(worker_id)


def _beat(worker_id: str, stop: threading.Event) -> None:
    while not stop.wait(LOST_AFTER.total_seconds() / 6):
        close_old_connections()
        pulse(worker_id)
        recover_lost()
    connection.close()
