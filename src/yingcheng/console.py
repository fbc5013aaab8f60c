"""What every command needs of the terminal: where texts and problems go, a progress line, the day of today."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from yingcheng.intake import Progress as Report

__all__ = ["EXIT_REFUSED", "EXIT_UNUSABLE", "problems", "progress_line", "screen", "today"]

EXIT_REFUSED = 1
EXIT_UNUSABLE = 2

screen = Console(highlight=False, soft_wrap=True)
problems = Console(stderr=True, highlight=False, soft_wrap=True)


def today() -> datetime.date:
    """The day in China."""
    return datetime.datetime.now(tz=datetime.timezone(datetime.timedelta(hours=8))).date()


@contextmanager
def progress_line() -> Iterator[Report]:
    """A progress line on a terminal; nothing where the output is not one."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=problems, transient=True, disable=not problems.is_terminal) as bar:
        task = bar.add_task("", total=None)

        def report(what: str, done: int, total: int) -> None:
            bar.update(task, description=escape(what), completed=done, total=total)

        yield report
