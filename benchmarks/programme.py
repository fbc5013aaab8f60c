"""The whole main job in seconds: the example, and a folder of real input where there is one.

::

    python benchmarks/programme.py [FOLDER …]

Without an argument: ``examples/taiyuan`` and the folder named by ``YINGCHENG_REAL_DATA`` (default ``../shared/real``).
There is no peer that does the same; the table shows where the time goes.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from yingcheng.programme import RunReport, run_programme
from yingcheng.settings import load_settings

ROOT = Path(__file__).parents[1]


def measured(folder: Path) -> tuple[RunReport, dict[str, float]]:
    """Run once; seconds by what was being done when."""
    spent: dict[str, float] = {}
    last = ["读取", time.perf_counter()]

    def note(what: str, _done: int, _total: int) -> None:
        now = time.perf_counter()
        spent[str(last[0])] = spent.get(str(last[0]), 0.0) + now - float(last[1])
        reading = "." in what or not what
        last[:] = ["读取" if reading else "写出" if what.startswith("写出") else what, now]

    with tempfile.TemporaryDirectory() as out:
        settings = load_settings(folder / "programme.toml", today=date(2026, 1, 1))
        report = run_programme(folder, Path(out) / "out", settings, progress=note)
    note("结束", 0, 0)
    return report, spent


def main() -> None:
    """Print one table per folder."""
    real = Path(os.environ.get("YINGCHENG_REAL_DATA", ROOT.parent / "shared" / "real"))
    folders = [Path(name) for name in sys.argv[1:]] or [ROOT / "examples" / "taiyuan", real]
    for folder in folders:
        if not folder.is_dir():
            print(f"{folder.name}：没有这个文件夹，跳过")
            continue
        report, spent = measured(folder)
        results = report.results
        print(f"\n{folder.name}：{len(results.files)} 个文件，{report.rows_in:,} 行，{report.seconds:.1f} 秒")
        print(
            f"  机会 {len(results.opportunities.opportunities)} × 企业 {len(results.matrix.enterprises):,}，"
            f"候选 {len(results.candidates.edges)}，对接 {len(results.timetable.meetings)} 场"
        )
        for what, seconds in spent.items():
            print(f"  {seconds:6.2f}  {what}")


if __name__ == "__main__":
    main()
