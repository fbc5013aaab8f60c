"""Pictures as files of their own, beside the workbook they belong to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from yingcheng.publish import charts
from yingcheng.publish.records import STEP_FOLDERS, Deliverable

__all__ = ["write_pictures"]


def write_pictures(step: int, drawings: dict[str, Callable[[], charts.Picture]], out: Path) -> tuple[Deliverable, ...]:
    """Draw each picture as ``<name>.svg`` into the folder of its step; the index shows the first.

    Without the ``paper`` extra nothing is drawn; the PDFs say so for all of them.
    """
    if not charts.available():
        return ()
    folder = out / STEP_FOLDERS[step]
    folder.mkdir(parents=True, exist_ok=True)
    deliverables = []
    for name, draw in drawings.items():
        picture = draw()
        path = folder / f"{name}.svg"
        path.write_text(picture.svg, encoding="utf-8")
        deliverables.append(Deliverable(step, picture.title, path.relative_to(out), picture=True, summary=picture.alt))
    return tuple(deliverables)
