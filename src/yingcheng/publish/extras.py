"""The optional ``paper`` extra: charts, pictures and PDF. Everything that needs it asks here, nowhere else."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from yingcheng.errors import MissingExtra
from yingcheng.i18n import _

__all__ = ["FONT_FAMILY", "font_file", "has_paper", "load", "require_paper"]

FONT_FAMILY = "Noto Sans SC"
FONT_FILE = "NotoSansSC-Regular.ttf"
MODULES = ("matplotlib", "segno", "typst", "zhplot")


def _missing() -> tuple[str, ...]:
    return tuple(name for name in MODULES if find_spec(name) is None)


def has_paper() -> bool:
    """Whether the ``paper`` extra (matplotlib, segno, typst, zhplot) is installed."""
    return not _missing()


def require_paper() -> None:
    """Return when the ``paper`` extra is installed.

    Raises:
        MissingExtra: naming the packages that are missing and how to install them.
    """
    if missing := _missing():
        message = _("生成图表与 PDF 需要可选组件，尚未安装：{packages}。").format(packages="、".join(missing))
        raise MissingExtra(message, extra="paper")


def load(name: str) -> Any:
    """Import a module of the extra when it is first needed; importing this package stays quick without it.

    Raises:
        MissingExtra: the ``paper`` extra is not installed.
    """
    require_paper()
    return import_module(name)


@cache
def font_file() -> Path:
    """The Chinese font file inside the installed ``zhplot`` package, found without importing it.

    Raises:
        MissingExtra: the ``paper`` extra is not installed, or its font is not where it should be.
    """
    require_paper()
    spec = find_spec("zhplot")
    path = Path(spec.origin).parent / "fonts" / FONT_FILE if spec is not None and spec.origin else Path(FONT_FILE)
    if not path.is_file():
        raise MissingExtra(_("未找到中文字体文件 {name}。").format(name=FONT_FILE), extra="paper")
    return path
