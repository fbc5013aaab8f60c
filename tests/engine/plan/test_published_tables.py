"""Every published table reproduced to its last printed digit; skipped, visibly, where the tables are not at hand."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from yingcheng.plan.audit import Verdict, audit_table
from yingcheng.plan.audit_table import read_published
from yingcheng.plan.reference import INDUSTRIES, shipped_pack
from yingcheng.plan.structure import shift_share

ROOT = Path(__file__).parents[3]
NAMED = os.environ.get("YINGCHENG_BENCH_DATA")
BENCH = Path(NAMED) if NAMED else ROOT.parent / "shared" / "bench"
needs_tables = pytest.mark.skipif(
    not (BENCH / "plan" / "expected.json").is_file(), reason="published tables: set YINGCHENG_BENCH_DATA"
)


@needs_tables
def test_the_benchmark_reproduces_every_cell(tmp_path: Path) -> None:
    record = tmp_path / "plan.json"
    subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "plan.py"), "--tables-only", "--json", str(record)],
        check=True,
        capture_output=True,
        env={**os.environ, "YINGCHENG_BENCH_DATA": str(BENCH)},
    )
    cells = json.loads(record.read_text("utf-8"))["cells"]
    assert len(cells) == 22
    assert [name for name, same, size in cells if same != size] == []


@needs_tables
@pytest.mark.parametrize(
    ("name", "verdict", "slips"),
    [
        ("ccd_A_mpe2022_2969206_tab4.csv", Verdict.REPRODUCED, []),
        ("ccd_B_chinaxiv_202011.00071_tab4.csv", Verdict.REPRODUCED, [("2017", 0.7659)]),
        ("ccd_E_chinaxiv_202006.00126_tab7_ERRONEOUS.csv", Verdict.MISLABELLED, []),
    ],
)
def test_published_tables_pass_or_are_flagged(name: str, verdict: Verdict, slips: list[tuple[str, float]]) -> None:
    with (BENCH / "plan" / name).open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    done = audit_table(read_published(name, rows[0], rows[1:]))
    assert done.verdict is verdict
    assert [(slip.label, slip.published) for match in done.matches for slip in match.slips] == slips
    assert all(match.off == len(match.slips) for match in done.matches)


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        ("140100", [-14659, 72820, -30507]),
        ("410500", [-21411, -33903, 13119]),
        ("410100", [-34838, 87814, 82576]),
    ],
)
def test_shift_share_between_the_censuses_is_the_published_one(code: str, parts: list[int]) -> None:
    """National, mix and regional part of 太原, 安阳 and 郑州, in persons of the 10 % sample."""
    pack = shipped_pack()
    row = pack.codes.index(code)
    assert pack.industries is not None
    end = pack.quantities[row, [pack.columns.index(section) for section in INDUSTRIES]]
    start = pack.industries.start[row]
    found = shift_share(start, end, pack.industries.whole_start, pack.industries.whole_end)
    assert [round(float(part.sum())) for part in found] == parts
    assert np.sum([part.sum() for part in found]) == pytest.approx(float((end - start).sum()), abs=1e-6)
