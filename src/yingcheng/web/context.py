"""What the frame around every page needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from yingcheng.web.accounts.models import User
from yingcheng.web.permissions import allows

__all__ = ["frame"]

_MENU = ("opportunity.view", "organisation.view", "audit.view")


def frame(request: HttpRequest) -> dict[str, Any]:
    """Which parts of the menu the person sees."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"sees": {}}
    return {"sees": {action.split(".")[0]: allows(user, action, anywhere=True) for action in _MENU}}
