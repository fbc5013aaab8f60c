"""How much one file may cost before it is refused."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one file. A file that passes one of them is refused alone; the others go on.

    A comprehensive batch is 800 rows, a register of enterprises 20,000 rows × 20 columns (7 MB, 400,000 cells); the
    defaults leave room for five times that.

    Attributes:
        size: bytes of the file.
        inflated: bytes of all members of a zipped format (.xlsx, .ods, .docx) together, as really inflated.
        ratio: inflated bytes per stored byte, looked at from 32 MB inflated upwards. Honest sheets reach about 30.
        cells: cells of all sheets together, counted as the rectangle they span. Checking 4.8 million took three minutes
            and 2.2 GB.
        seconds: wall time of the reading.
        memory: bytes the reading may take. Enforced by the operating system where it can (Linux).
    """

    size: int = 200 * 1024**2
    inflated: int = 1024**3
    ratio: float = 300.0
    cells: int = 2_000_000
    seconds: float = 60.0
    memory: int = 2 * 1024**3
