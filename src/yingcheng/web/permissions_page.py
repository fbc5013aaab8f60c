"""``docs/reference/permissions.md``, made from the permission table: ``python -m yingcheng.web.permissions_page``."""

from __future__ import annotations

import os

import django
from django.utils import translation

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yingcheng.web.settings")
django.setup()

from yingcheng.web.accounts.models import Role  # noqa: E402  # needs the settings
from yingcheng.web.permissions import INVITES, PERMISSIONS, Permission, Scope  # noqa: E402  # needs the settings

__all__ = ["page"]

_REACH = {Scope.CITY: "本市", Scope.INSTALLATION: "全部"}
_HEAD = """# 权限表：谁能做什么

由 `src/yingcheng/web/permissions.py` 生成（`python -m yingcheng.web.permissions_page`）。
测试逐个页面、逐个接口、逐个角色核对。

- **本市**：角色所在单位的城市；单位不属于任何城市的（如协会），为所有城市。**全部**：整个系统。
- 看不到的东西一律 404，不说明有没有；看得到但没有权限的是 403，并写明该找谁。
- 没有超级用户；系统、安全、审计三个管理员必须是三个人。未确认的企业和停用的账号没有任何角色。
"""


def _cell(permission: Permission, role: Role) -> str:
    if permission.public or not permission.roles:
        return "✓"
    scope = permission.roles.get(role)
    return _REACH[scope] if scope else ""


def page() -> str:
    """The page as Markdown."""
    with translation.override("zh-hans"):
        lines = [_HEAD, "| 操作 | " + " | ".join(str(role.label) for role in Role) + " | 未登录 |"]
        lines.append("|---" * (len(Role) + 2) + "|")
        for permission in PERMISSIONS.values():
            cells = [_cell(permission, role) for role in Role]
            public = "✓" if permission.public else ""
            lines.append(f"| {permission.label}<br>`{permission.action}` | {' | '.join(cells)} | {public} |")
        lines.append("\n可以邀请的角色：")
        for role, given in INVITES.items():
            names = "、".join(str(one.label) for one in Role if one in given)
            lines.append(f"- {role.label}：{names}" + ("（只限企业）" if role is Role.OFFICER else ""))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
