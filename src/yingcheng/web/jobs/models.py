"""Signs of life of the workers."""

from django.db import models

__all__ = ["WorkerPulse"]


class WorkerPulse(models.Model):
    """When a worker was last alive."""

    worker = models.CharField(max_length=64, primary_key=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.worker
