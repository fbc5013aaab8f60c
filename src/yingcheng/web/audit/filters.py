"""Narrowing the trail."""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from yingcheng.web.audit.models import Entry

__all__ = ["EntryFilter"]


class EntryFilter(django_filters.FilterSet):  # type: ignore[misc]  # untyped
    """By who, what and when."""

    actor = django_filters.CharFilter(label=_("操作人"), lookup_expr="icontains")
    action = django_filters.CharFilter(label=_("操作"), lookup_expr="startswith")
    title = django_filters.CharFilter(label=_("对象"), lookup_expr="icontains")
    at = django_filters.DateFromToRangeFilter(label=_("日期"))

    class Meta:
        model = Entry
        fields = ("actor", "action", "title", "at")
