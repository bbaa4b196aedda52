"""The last sign of life of the machines on which Celery's workers run."""

from __future__ import annotations

from django.db import models


class Pulse(models.Model):
    """One row a machine: a message that beat sends each minute, and the moment at which a worker there took it."""

    machine = models.CharField(max_length=255, unique=True)
    sent_at = models.DateTimeField()
    felt_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.machine

    @property
    def waited(self) -> float:
        """Seconds that the message lay in the queue."""
        return max(0.0, (self.felt_at - self.sent_at).total_seconds())
