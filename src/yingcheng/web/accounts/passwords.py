"""Two password policies that contradict each other, and the one setting that chooses."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from yingcheng.web.accounts.models import User
from yingcheng.web.environment import POLICIES

__all__ = ["PolicyValidator", "must_change"]

_CLASSES = (r"[a-z]", r"[A-Z]", r"\d", r"[^A-Za-z0-9]")
_DENGBAO_LENGTH, _DENGBAO_CLASSES, _DENGBAO_AGE = 10, 3, timedelta(days=90)
_ASVS_LENGTH = 12


class PolicyValidator:
    """Length and make-up of a new password.

    ``dengbao`` (GB/T 22239-2019, 8.1.4.1: complex and changed regularly): 10 characters of 3 kinds, 90 days.
    ``asvs`` (OWASP ASVS 5.0, 6.2: length instead of rules, no expiry): 12 characters of any kind.
    """

    def __init__(self, policy: str) -> None:
        self.policy = policy

    def validate(self, password: str, user: User | None = None) -> None:  # noqa: ARG002  # Django's interface
        """Raise ``ValidationError`` where the password is too weak."""
        length = _ASVS_LENGTH if self.policy == "asvs" else _DENGBAO_LENGTH
        if len(password) < length:
            raise ValidationError(_("密码至少 {count} 个字符。").format(count=length), code="password_too_short")
        if self.policy == "dengbao" and sum(bool(re.search(kind, password)) for kind in _CLASSES) < _DENGBAO_CLASSES:
            raise ValidationError(_("密码须含大写字母、小写字母、数字、符号中的三种。"), code="password_too_simple")

    def get_help_text(self) -> str:
        """What the form says beside the field."""
        if self.policy == "asvs":
            return _("密码至少 {count} 个字符。").format(count=_ASVS_LENGTH)
        return _("密码至少 {count} 个字符，含大写字母、小写字母、数字、符号中的三种，每 {days} 天更换。").format(
            count=_DENGBAO_LENGTH, days=_DENGBAO_AGE.days
        )


def must_change(user: User, at: datetime) -> bool:
    """Whether the policy asks for a new password now."""
    return POLICIES[0] == settings.PASSWORD_POLICY and at - user.password_changed_at > _DENGBAO_AGE
