"""Narrowing the officers' list."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yingcheng.web.opportunities.models import Opportunity

__all__ = ["OpportunityFilter"]


class OpportunityFilter(django_filters.FilterSet):  # type: ignore[misc]  # untyped
    """By words, state, and whether it may be published."""

    q = django_filters.CharFilter(label=_("搜索"), method="words")
    state = django_filters.ChoiceFilter(label=_("状态"), choices=Opportunity.State.choices, empty_label=_("全部状态"))
    publishable = django_filters.TypedChoiceFilter(
        label=_("能否发布"),
        choices=[("", _("全部")), ("1", _("可发布")), ("0", _("暂不能发布"))],
        coerce=lambda given: given == "1",
        empty_value=None,
    )

    class Meta:
        model = Opportunity
        fields = ("q", "state", "publishable")

    def words(self, rows: Any, _name: str, value: str) -> Any:
        """Every word stands in the name, the unit or the need."""
        for word in value.split()[:5]:
            rows = rows.filter(Q(name__icontains=word) | Q(unit__icontains=word) | Q(need__icontains=word))
        return rows
