"""The audit table. Rows are added by :mod:`yingcheng.web.audit.actions` only; the database refuses all else."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yingcheng.web.accounts.models import User
from yingcheng.web.permissions import PERMISSIONS, Scope

__all__ = ["Entry"]


class _Entries(models.QuerySet["Entry"]):
    def visible_to(self, user: User) -> _Entries:
        """Entries of the cities in which the person may read the trail; all of them for the audit administrator."""
        permission = PERMISSIONS["audit.view"]
        held = [standing for standing in user.standings if standing.role in permission.roles]
        if any(s.city_id is None or permission.roles[s.role] is Scope.INSTALLATION for s in held):
            return self
        return self.filter(city_id__in={s.city_id for s in held})


class Entry(models.Model):
    """One thing that was done. Names are kept as text, so that the trail outlives people and things."""

    sequence = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(_("时间"))
    actor_id = models.BigIntegerField(null=True)
    actor = models.CharField(_("操作人"), max_length=130)
    via = models.CharField(_("途径"), max_length=10)
    address = models.CharField(_("来源地址"), max_length=45, blank=True)
    city_id = models.BigIntegerField(null=True, db_index=True)
    action = models.CharField(_("操作"), max_length=60, db_index=True)
    kind = models.CharField(_("对象类型"), max_length=40)
    key = models.CharField(_("对象编号"), max_length=60)
    title = models.CharField(_("对象"), max_length=300)
    changes = models.TextField(_("内容"))  # canonical JSON, the very characters that were hashed
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    objects = _Entries.as_manager()

    class Meta:
        ordering: ClassVar = ["-sequence"]
        indexes: ClassVar = [models.Index(fields=["kind", "key"])]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action} {self.title}"
