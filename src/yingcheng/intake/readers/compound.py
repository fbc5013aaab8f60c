"""OLE2 compound files: old Excel and Word, and the envelope of encrypted .xlsx.

Which one it is stands in the names of its streams. A directory entry is 128 bytes long, starts on a multiple of 128
and opens with the stream's name in UTF-16 ([MS-CFB] 2.6.1), so the names can be found without walking the file.
"""

from __future__ import annotations

__all__ = ["MAGIC", "stream_names_in"]

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENTRY = 128


def stream_names_in(data: bytes, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Those of ``wanted`` that are names of streams or storages, in the order given."""
    return tuple(name for name in wanted if _has(data, name))


def _has(data: bytes, name: str) -> bool:
    pattern = name.encode("utf-16-le") + b"\0\0"
    at = data.find(pattern)
    while at >= 0:
        if at % ENTRY == 0:
            return True
        at = data.find(pattern, at + 1)
    return False
