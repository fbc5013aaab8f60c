"""TOML files that people edit: the table of needs, the stage rule, definitions and judgements."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from yingcheng.errors import SettingsError
from yingcheng.i18n import _

__all__ = ["read_rule_file"]


def read_rule_file(path: Path) -> dict[str, Any]:
    """Content of a TOML file.

    Raises:
        SettingsError: no such file, or not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, IsADirectoryError):
        raise SettingsError(_("找不到规则文件。"), where=str(path), remedy=_("请检查文件名。")) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise SettingsError(_("不是有效的 TOML 文件：{fault}").format(fault=fault), where=path.name) from fault
