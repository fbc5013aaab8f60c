"""Debian's chromium, driven by playwright, with a live server of our own."""

from __future__ import annotations

import shutil
from pathlib import Path

CHROMIUM = next(
    (path for path in ("/usr/bin/chromium", shutil.which("chromium")) if path and Path(path).exists()), None
)
