"""Text files with one record a line: .csv, .tsv, .txt."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from yingcheng.intake.grid import OpenedFile, Sheet

__all__ = ["read"]


def read(path: Path, name: str) -> OpenedFile:
    """Read a delimited text file as one sheet."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    rows = [[cell or None for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]
    width = max(map(len, rows), default=0)
    return OpenedFile("csv", (Sheet(name, Path(name).stem, tuple((*row, *[None] * (width - len(row))) for row in rows)),))
