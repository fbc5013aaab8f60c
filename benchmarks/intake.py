"""Claim: 20,000 rows × 20 columns of .xlsx are read, mapped and checked in under 5 s.

Beside it stand the peers' plain readings of the same file, which neither find the header nor check a cell. Median of
three runs, each in a process of its own, imports apart. The ratio is that of CPU seconds: it holds on a busy machine.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import xlsxwriter

HEADER = (
    *("序号", "场景机会名称", "应用领域", "场景简介", "需求描述", "主要技术", "建设基础", "合作方式", "投资额（万元）"),
    *("资金来源", "建设地点", "起止年限", "单位名称", "牵头部门", "联系人", "职务", "电话", "邮箱", "状态", "推进情况"),
)
FIELDS = ("城市运营", "城市更新", "产城融合", "产业园区", "文化旅游", "智慧城市", "城市治理")
STATES = ("线索", "初判", "对接", "意向", "签约")

OURS = (
    "from yingcheng.intake import read_files",
    "rows = len(read_files([path], root=path.parent, mapping=None).opportunities)",
)
OPEN = (
    "from yingcheng.intake.readers import open_file",
    "rows = len(open_file(path, name='list.xlsx').sheets[0].rows) - 2",
)
OPENPYXL = (
    "import pandas, openpyxl",
    "rows = len(pandas.read_excel(path, header=1, engine='openpyxl'))",
)
CALAMINE = (
    "import pandas, python_calamine",
    "rows = len(pandas.read_excel(path, header=1, engine='calamine'))",
)
RUNS = (
    ("yingcheng read_files（找表、认表头、规范、核对）", OURS),
    ("yingcheng open_file（只打开）", OPEN),
    ("pandas.read_excel, engine=openpyxl", OPENPYXL),
    ("pandas.read_excel, engine=calamine", CALAMINE),
)
TIMED = """
import os, sys, time
from pathlib import Path
{imports}
path = Path(sys.argv[1])
before, started = sum(os.times()[:4]), time.perf_counter()
{reading}
print(time.perf_counter() - started, sum(os.times()[:4]) - before, rows)
"""


def build(path: Path, rows: int) -> None:
    """Write a list as a city would merge it: a title, the header on row 2, a row for each opportunity."""
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("清单")
        page.write(0, 0, "全市场景机会清单（虚构）")
        page.write_row(1, 0, HEADER)
        for number in range(1, rows + 1):
            unit = f"虚构市第{number % 97}局"
            page.write_row(
                number + 1,
                0,
                (
                    *(
                        number,
                        f"{FIELDS[number % 7]}场景{number}",
                        FIELDS[number % 7],
                        f"面向{unit}业务的第{number}个场景",
                    ),
                    *(
                        f"征集第{number}类产品与服务能力",
                        "人工智能、物联网",
                        "已有数据平台",
                        "联合建设",
                        50 + number % 900,
                    ),
                    *(
                        "财政资金",
                        "虚构市高新区",
                        "2025-2027",
                        unit,
                        f"虚构市第{number % 13}委",
                        f"联系人{number % 500}",
                    ),
                    *("科长", "0351-0000000", "office@example.com", STATES[number % 5], "正在对接"),
                ),
            )


def seconds(script: tuple[str, str], path: Path) -> tuple[float, float, int]:
    """(wall seconds, CPU seconds with those of child processes, rows) of one run in a process of its own."""
    command = [sys.executable, "-c", TIMED.format(imports=script[0], reading=script[1]), str(path)]
    wall, cpu, rows = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(wall), float(cpu), int(rows)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.xlsx"
        build(path, chosen.rows)
        print(f"{chosen.rows:,} 行 × {len(HEADER)} 列，{path.stat().st_size / 1e6:.1f} MB，{chosen.runs} 次取中位数")
        print(f"{'秒':>7}  {'CPU 秒':>7}  {'倍数':>6}  {'行数':>8}  做法")
        ours = 0.0
        for label, script in RUNS:
            walls, processors, rows = zip(*(seconds(script, path) for _ in range(chosen.runs)), strict=True)
            wall, processor = statistics.median(walls), statistics.median(processors)
            ours = ours or processor
            print(f"{wall:8.2f}  {processor:8.2f}  {processor / ours:8.2f}  {rows[0]:10,}  {label}")


if __name__ == "__main__":
    main()
