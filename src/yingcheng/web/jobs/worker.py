"""The worker: takes tasks off the database's queue, shows that it lives, and recovers what others lost."""

from __future__ import annotations

import threading

from django.db import close_old_connections, connection
from django_tasks_db.management.commands.db_worker import Worker

from yingcheng.web.jobs.actions import LOST_AFTER, forget_worker, pulse, recover_lost

__all__ = ["work"]


def work(worker_id: str, *, batch: bool = False) -> None:
    """Work until told to stop; with ``batch`` until the queue is empty."""
    pulse(worker_id)
    recover_lost()
    stop = threading.Event()
    heart = threading.Thread(target=_beat, args=(worker_id, stop), daemon=True)
    heart.start()
    worker = Worker(
        queue_names=["default"],
        interval=0.5,
        batch=batch,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=worker_id,
        excluded_queue_names=[],
    )
    if not batch:
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
