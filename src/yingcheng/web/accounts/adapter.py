"""What allauth asks of us: no open sign-up, and an entry for every sign-in, refusal and sign-out."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yingcheng.web.accounts.actions import note_second_factor, note_sign_in, password_changed
from yingcheng.web.accounts.actor import Actor
from yingcheng.web.accounts.models import User

__all__ = ["AccountAdapter", "SecondFactorAdapter", "display_name", "factor_added", "factor_removed"]


def display_name(user: User) -> str:
    """How a person is called on pages."""
    return user.name or user.username


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Accounts come from invitations and registrations only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  # allauth's interface
        """Never: nobody invites themselves."""
        return False

    def post_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponse:
        """Note the sign-in."""
        note_sign_in(verb="in", user=user, by=self._actor(user))
        response: HttpResponse = super().post_login(request, user, **options)
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Note the refusal, with the account that was named and never with the password."""
        tried = str(credentials.get("username", ""))[:60]
        note_sign_in(verb="refused", user=None, by=Actor(None, tried or "?", "web", self._address()), tried=tried)
        super().authentication_failed(request, **credentials)

    def logout(self, request: HttpRequest) -> None:
        """Note the sign-out."""
        if isinstance(request.user, User):
            note_sign_in(verb="out", user=request.user, by=self._actor(request.user))
        super().logout(request)

    def set_password(self, user: User, password: str) -> None:
        """Note the change; allauth calls this for every change by the person."""
        super().set_password(user, password)
        password_changed(user=user, by=self._actor(user))

    def _actor(self, user: User) -> Actor:
        return Actor.of(user, address=self._address())

    def _address(self) -> str:
        return str(self.get_client_ip(self.request) or "") if self.request else ""


def factor_added(user: User, authenticator: Any, **_more: Any) -> None:
    """A person has set up a second factor."""
    note_second_factor(user=user, verb="added", kind=str(authenticator.type), by=Actor.of(user))


def factor_removed(user: User, authenticator: Any, **_more: Any) -> None:
    """A person has removed a second factor."""
    note_second_factor(user=user, verb="removed", kind=str(authenticator.type), by=Actor.of(user))


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is untyped
    """Names for people and devices."""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The site as the device shows it."""
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return {**entity, "name": _("营城")}
