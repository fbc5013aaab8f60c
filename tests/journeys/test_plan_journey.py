"""The journey of whoever prepares the plan: a city, a pack of one's own, a published table, decided tracks."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import xlsxwriter

from yingcheng.programme import run_programme
from yingcheng.settings import load_settings

# Levels of three subsystems and what was printed as D: really C in the second table.
RIGHT = (
    ("年份", "人", "城", "产", "耦合协调度D"),
    ("2016", 0.412, 0.503, 0.398, 0.660),
    ("2017", 0.455, 0.521, 0.430, 0.683),
    ("2018", 0.498, 0.560, 0.377, 0.687),
    ("2019", 0.530, 0.604, 0.469, 0.729),
    ("2020", 0.610, 0.633, 0.512, 0.763),
    ("2021", 0.655, 0.702, 0.430, 0.763),
)
WRONG = (
    ("Year", "U1", "U2", "U3", "Coupling coordination degree D"),
    ("2016", 0.112, 0.503, 0.298, 0.841),
    ("2017", 0.155, 0.521, 0.330, 0.891),
    ("2018", 0.198, 0.560, 0.377, 0.917),
    ("2019", 0.130, 0.604, 0.469, 0.830),
    ("2020", 0.210, 0.633, 0.512, 0.904),
    ("2021", 0.255, 0.702, 0.430, 0.920),
)


def yingcheng(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "yingcheng.cli", *arguments],
        cwd=cwd, capture_output=True, text=True, check=False, env={"COLUMNS": "200", "PATH": "", "LANG": "C.UTF-8"},
    )  # fmt: skip


def workbook(path: Path, rows: tuple[tuple[object, ...], ...]) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("表4")
        for i, row in enumerate(rows):
            sheet.write_row(i, 0, row)


def test_a_city_is_diagnosed_with_its_own_sheet(example: Path, tmp_path: Path) -> None:
    sheet = next((example / "城市指标").glob("*.xlsx"))
    done = yingcheng("plan", "city", "太原", "--figures", str(sheet), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for words in ("太原市", "第 16 位 / 335（5–95%：", "60% 的权重下最低", "障碍度", "贵阳市", "区位商", "保持入选"):
        assert words in done.stdout
    assert "指标表与参考表一致：太原市 8 项" in done.stdout
    unknown = yingcheng("plan", "city", "亚特兰蒂斯", cwd=tmp_path)
    assert unknown.returncode == 2
    assert "请核对名称" in unknown.stderr


def test_a_pack_is_made_shown_compared_and_never_overwritten(tmp_path: Path) -> None:
    made = yingcheng("plan", "pack", "make", "山西.pack.json", "--id", "山西", "--version", "1",
                     "--province", "山西", "--weights", "entropy", cwd=tmp_path)  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert "11 个城市" in made.stdout
    first = (tmp_path / "山西.pack.json").read_bytes()
    shown = yingcheng("plan", "pack", "show", "山西.pack.json", cwd=tmp_path)
    assert "各指标熵权" in shown.stdout
    assert "太原市、大同市" in shown.stdout
    again = yingcheng("plan", "pack", "make", "山西.pack.json", "--id", "山西", "--version", "1",
                      "--province", "陕西", cwd=tmp_path)  # fmt: skip
    assert again.returncode == 2
    assert "不覆盖" in again.stderr
    assert (tmp_path / "山西.pack.json").read_bytes() == first
    differs = yingcheng("plan", "pack", "diff", "-", "山西.pack.json", cwd=tmp_path)
    assert differs.returncode == 1
    assert "去掉城市（324）" in differs.stdout
    assert yingcheng("plan", "pack", "diff", "山西.pack.json", "山西.pack.json", cwd=tmp_path).returncode == 0
    compared = yingcheng("plan", "pack", "compare", "-", "山西.pack.json", "--city", "太原", cwd=tmp_path)
    assert compared.returncode == 0
    assert "16/335" in compared.stdout
    scored = yingcheng("plan", "city", "大同", "--pack", "山西.pack.json", cwd=tmp_path)
    assert "/ 11（5–95%：" in scored.stdout


def test_published_tables_are_audited_from_workbook_and_csv(tmp_path: Path) -> None:
    workbook(tmp_path / "论文.xlsx", RIGHT)
    good = yingcheng("plan", "audit", "论文.xlsx", cwd=tmp_path)
    assert good.returncode == 0, good.stdout + good.stderr
    assert "可以复现" in good.stdout
    turned = tuple(zip(*RIGHT, strict=True))  # a column a year
    workbook(tmp_path / "转置.xlsx", turned)
    also = yingcheng("plan", "audit", "转置.xlsx", cwd=tmp_path)
    assert also.returncode == 0, also.stdout + also.stderr
    assert "子系统：人、城、产" in also.stdout
    with (tmp_path / "wrong.csv").open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows(WRONG)
    bad = yingcheng("plan", "audit", "wrong.csv", "--out", "正确.csv", cwd=tmp_path)
    assert bad.returncode == 1
    assert "其实是耦合度 C" in bad.stdout
    with (tmp_path / "正确.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    assert rows[0]["D"] == "0.506"
    assert rows[0]["D 公布"] == "0.841"
    nothing = yingcheng("plan", "audit", "没有.csv", cwd=tmp_path)
    assert nothing.returncode == 2
    assert "找不到文件" in nothing.stderr


def test_a_pack_is_made_from_a_table_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "定义.toml").write_text(
        "".join(
            f'[[quantity]]\ncolumn = "{column}"\nname = "{name}"\nunit = "{unit}"\nyear = "2022"\nsource = "公报"\n'
            f'[[indicator]]\nname = "{name}"\nsubsystem = "{part}"\ndirection = 1\nunit = "{unit}"\nsource = "公报"\n'
            f'core = true\nsum = ["{column}"]\n'
            for column, name, unit, part in (
                ("income", "收入", "元", "人"), ("green", "绿地", "平方米", "城"), ("output", "产值", "亿元", "产"),
            )
        ),
        encoding="utf-8",
    )  # fmt: skip
    cities = ("太原市", "大同市", "阳泉市", "长治市", "晋城市", "运城市")
    figures = tuple((city, 30000 + 900 * i, 12 + i * i / 7, 400 + 55 * i) for i, city in enumerate(cities))
    workbook(tmp_path / "城市表.xlsx", (("城市", "收入", "绿地", "产值"), *figures))
    made = yingcheng("plan", "pack", "make", "自.pack.json", "--id", "自", "--version", "1", "--years", "2022",
                     "--figures", "城市表.xlsx", "--definition", "定义.toml", cwd=tmp_path)  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert "6 个城市" in made.stdout
    city = yingcheng("plan", "city", "运城", "--pack", "自.pack.json", cwd=tmp_path)
    assert city.returncode == 0, city.stderr
    assert "第 1 位 / 6（5–95%：1–1）" in city.stdout
    alone = yingcheng("plan", "pack", "make", "x.pack.json", "--id", "x", "--version", "1",
                      "--figures", "城市表.xlsx", cwd=tmp_path)  # fmt: skip
    assert alone.returncode == 2
    assert "要一起写" in alone.stderr


def test_complexity_needs_eighty_industries(tmp_path: Path) -> None:
    names = [f"行业{j:02}" for j in range(85)]
    rows = [(f"城市{i}", *((7 * i + 11 * j) % 23 + (i == j % 9) * 40 for j in range(85))) for i in range(9)]
    workbook(tmp_path / "就业.xlsx", (("城市", *names), *rows))
    done = yingcheng("plan", "complexity", "就业.xlsx", "--out", "复杂度.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    with (tmp_path / "复杂度.csv").open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.reader(file))
    assert len(table) == 11
    assert sum(float(row[1]) for row in table[2:]) < 1e-4
    workbook(tmp_path / "少.xlsx", tuple(row[:20] for row in (("城市", *names), *rows)))
    few = yingcheng("plan", "complexity", "少.xlsx", cwd=tmp_path)
    assert few.returncode == 2
    assert "19 个行业" in few.stderr


def test_rules_are_written_out_edited_and_used_by_a_run(example: Path, tmp_path: Path) -> None:
    folder = tmp_path / "材料"
    shutil.copytree(example, folder)
    assert yingcheng("plan", "rules", str(folder), cwd=tmp_path).returncode == 0
    made = yingcheng("plan", "pack", "make", str(folder / "大城市.pack.json"), "--id", "大城市", "--version", "1",
                     "--min-population", "300", cwd=tmp_path)  # fmt: skip
    assert made.returncode == 0, made.stderr
    rule = folder / "stage_rule.toml"
    rule.write_text(rule.read_text("utf-8").replace("threshold = 60.0", "threshold = 90.0"), encoding="utf-8")
    settings_file = folder / "programme.toml"
    settings_file.write_text(
        settings_file.read_text("utf-8")
        + '\n[plan]\npack = "大城市.pack.json"\nstage_rule = "stage_rule.toml"\ntracks = "tracks.toml"\n'
        + 'include = { "绿色生态" = "汾河治理为一号工程" }\nexclude = { "城市运营" = "已另行立项" }\n',
        encoding="utf-8",
    )
    settings = load_settings(settings_file, today=date(2026, 1, 1))
    plan = run_programme(folder, tmp_path / "结果", settings).results.plan
    assert plan.diagnosis is not None
    assert plan.diagnosis.pack is not None
    assert plan.diagnosis.pack.id == "大城市"
    assert "未达到 90% 门槛" in plan.diagnosis.stage_rule
    views = {view.track: view for view in plan.tracks}
    assert views["绿色生态"].focus
    assert "汾河治理为一号工程" in views["绿色生态"].reason
    assert not views["城市运营"].focus
    assert plan.diagnosis.pack.sha256 in (tmp_path / "结果" / "run.json").read_text("utf-8")
    # Every count of the feasible column opens to its rows.
    for view in plan.tracks:
        assert view.feasible_count == view.support.count
        for item in (*view.support.cases, *view.support.enterprises, *view.support.measures):
            assert item.source is not None
