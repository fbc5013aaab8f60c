"""Stable identifiers for records: the same words give the same identifier in every run."""

from __future__ import annotations

import hashlib
import re
import unicodedata

__all__ = ["Identifiers", "digest"]

_IGNORED = re.compile(r"[\s，。、；：,.;:（）()\[\]【】“”\"'‘’—\-_]+")


def digest(prefix: str, *parts: str) -> str:
    """``prefix`` and ten hexadecimal digits of SHA-256 over the parts, blanks and punctuation left aside."""
    flat = "\x1f".join(_IGNORED.sub("", unicodedata.normalize("NFKC", part)).casefold() for part in parts)
    return f"{prefix}{hashlib.sha256(flat.encode()).hexdigest()[:10]}"


class Identifiers:
    """Hands out identifiers in reading order; an exact repeat gets ``-2``, then ``-3``."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._given: dict[str, int] = {}

    def give(self, *parts: str) -> str:
        """The identifier of a record told apart by ``parts``."""
        base = digest(self._prefix, *parts)
        count = self._given[base] = self._given.get(base, 0) + 1
        return base if count == 1 else f"{base}-{count}"
