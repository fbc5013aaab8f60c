"""Texts for people: Chinese is the source language, English a gettext catalogue.

``_("中文")`` returns the text in the language chosen by ``YINGCHENG_LANG`` (``zh`` by default, ``en``).
Deliverables (the list, the plan, the white paper) are official Chinese documents and are not translated;
findings, errors and the command line are.
"""

from __future__ import annotations

import gettext
import os
from functools import cache
from pathlib import Path

__all__ = ["_", "language"]

LOCALE = Path(__file__).parent / "locale"


def language() -> str:
    """The language texts are given in: ``zh`` unless ``YINGCHENG_LANG`` says otherwise."""
    return os.environ.get("YINGCHENG_LANG", "zh")[:2]


@cache
def _catalogue(code: str) -> gettext.NullTranslations:
    return gettext.translation("yingcheng", LOCALE, languages=[code], fallback=True)


def _(text: str) -> str:
    """Translate a Chinese source text. An unknown language or text gives the Chinese back."""
    if not text:  # gettext keeps the header of a catalogue under the empty text
        return text
    return _catalogue(language()).gettext(text)
