"""Who does something, as every verb is told."""

from __future__ import annotations

from dataclasses import dataclass

from yingcheng.web.accounts.models import User

__all__ = ["SYSTEM", "Actor"]


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who acts: a person, a holder of a link, or the system itself (a job, a command)."""

    user: User | None
    name: str
    via: str = "web"  # web, api, link, command, job
    address: str = ""

    @classmethod
    def of(cls, user: User, *, via: str = "web", address: str = "") -> Actor:
        """A signed-in person."""
        return cls(user, f"{user.name}（{user.username}）", via, address)


SYSTEM = Actor(None, "系统", "command")
