"""Pages that stand alone: one file, no script, nothing from elsewhere, and a policy that allows nothing more."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape
from importlib.resources import files

__all__ = ["page", "style_sheet"]


def style_sheet(name: str) -> str:
    """A style sheet of this package."""
    return files("yingcheng.publish").joinpath("templates", name).read_text("utf-8")


def page(title: str, style: str, body: str, *, refresh: int = 0) -> str:
    """A whole page.

    Args:
        title: plain text.
        style: the style sheet; the policy names its digest, so that no other style and no script is ever run.
        body: HTML, everything of the input escaped.
        refresh: seconds after which the page is read anew; 0 is never.
    """
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    again = f'<meta http-equiv="refresh" content="{refresh}">\n' if refresh else ""
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="robots" content="noindex">\n{again}'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
