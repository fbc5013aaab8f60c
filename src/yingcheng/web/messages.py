"""Texts in templates, for the catalogue: Django's tags as the calls that babel knows."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO, Any

from babel.messages.extract import extract_python
from django.utils.translation.template import templatize

__all__ = ["extract_templates"]


def extract_templates(file: IO[bytes], keywords: Any, comments: Any, options: Any) -> Iterator[Any]:  # noqa: ARG001
    """An extractor of babel's; ``blocktranslate`` and ``translate`` become ``gettext`` calls."""
    calls = templatize(file.read().decode("utf-8"))
    kept = "\n".join(line.strip() for line in calls.splitlines() if "gettext(" in line or "_(" in line)
    yield from extract_python(io.BytesIO(kept.encode()), {"gettext": None, "_": None}, [], {"encoding": "utf-8"})
