"""The example folder: the builder reproduces it, it carries the promised dirt, and intake reads it as meant."""

from __future__ import annotations

import importlib.util
import re
import sys
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from yingcheng.errors import UnreadableFile
from yingcheng.intake import Intake, read_folder
from yingcheng.intake.grid import CellValue, Sheet
from yingcheng.intake.readers import open_file
from yingcheng.standards.stages import STAGES
from yingcheng.standards.tracks import TRACKS

EXAMPLES = Path(__file__).parents[2] / "examples"
FOLDER = EXAMPLES / "taiyuan"
BROKEN = "场景机会/06_市交通运输局_场景机会清单（上传中断）.xlsx"
COPY = "场景机会/02_市工信局_揭榜挂帅榜题(1).csv"


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_taiyuan", EXAMPLES / "build_taiyuan.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def intake() -> Intake:
    return read_folder(FOLDER)


def cells(path: Path) -> list[Sheet]:
    return list(open_file(path, name=path.name).sheets)


def shown(value: CellValue) -> str:
    """A cell as text, so that 1, 1.0 and "1" or a day with and without a time compare equal."""
    if isinstance(value, date):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else re.sub(r"\s+", "", str(value))


def grid(rows: tuple[tuple[CellValue, ...], ...]) -> list[list[str]]:
    texts = [[shown(value) for value in row] for row in rows]
    width = max(len(row) for row in texts)
    return [row + [""] * (width - len(row)) for row in texts]


def without_empty_ends(rows: list[list[str]]) -> list[list[str]]:
    while rows and not any(rows[-1]):
        rows = rows[:-1]
    width = max(max((i + 1 for i, text in enumerate(row) if text), default=0) for row in rows)
    return [row[:width] for row in rows]


@pytest.fixture(scope="module")
def built(builder: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("taiyuan")
    assert builder.build(target, formats=("xlsx", "csv", "docx")) == ()
    return target


def test_builder_reproduces_every_cell_of_the_committed_files(builder: ModuleType, built: Path) -> None:
    names = [path.relative_to(built).as_posix() for path in sorted(built.rglob("*.*"))]
    assert len(names) == 14
    for name in names:
        if name == BROKEN:
            assert (built / name).stat().st_size < len(builder.workbook_bytes(broken_grids(builder)))
            continue
        if (built / name).read_bytes() != (FOLDER / name).read_bytes():  # another library version may write other bytes
            assert cells(built / name) == cells(FOLDER / name), name


def broken_grids(builder: ModuleType) -> object:
    (example,) = (one for one in builder.load_all() if one.file == BROKEN)
    return example.grids


def test_builder_writes_the_same_bytes_twice(builder: ModuleType, built: Path) -> None:
    for example in builder.load_all():
        if example.format in {"xlsx", "csv", "docx"}:
            assert builder.file_bytes(example) == (built / example.file).read_bytes(), example.file


def test_committed_ole2_workbook_holds_the_content(builder: ModuleType) -> None:
    (example,) = (one for one in builder.load_all() if one.format == "xls")
    sheets = cells(FOLDER / example.file)
    assert [sheet.name for sheet in sheets] == [one.name for one in example.grids]
    for sheet, one in zip(sheets, example.grids, strict=True):
        assert without_empty_ends(grid(sheet.rows)) == without_empty_ends(grid(one.rows))


def test_committed_paper_holds_the_content(builder: ModuleType) -> None:
    (example,) = (one for one in builder.load_all() if one.format == "pdf")
    expected = grid(example.grids[0].rows)
    found = [row for sheet in cells(FOLDER / example.file) for row in grid(sheet.rows)]
    repeated_header = [row for row in found if row == expected[0]]
    assert [row for row in found if row != expected[0]] == expected[1:]
    assert 1 <= len(repeated_header) <= 2


def test_paper_is_built_with_the_extra(builder: ModuleType, tmp_path: Path) -> None:
    if builder.build(tmp_path, formats=("pdf",)):
        pytest.skip("needs the paper extra")
    (path,) = tmp_path.rglob("*.pdf")
    committed = FOLDER / path.relative_to(tmp_path)
    assert path.read_bytes() == committed.read_bytes() or cells(path) == cells(committed)


def test_formats_are_what_the_notes_say(builder: ModuleType) -> None:
    by_format: dict[str, list[bytes]] = {}
    for example in builder.load_all():
        by_format.setdefault(example.format, []).append((FOLDER / example.file).read_bytes())
    (ole2,) = by_format["xls"]
    assert ole2.startswith(bytes.fromhex("D0CF11E0"))
    bom, gb = sorted(by_format["csv"], key=lambda data: not data.startswith(b"\xef\xbb\xbf"))
    assert bom.startswith(b"\xef\xbb\xbf")
    assert "榜题金额(元)" in gb.decode("gb18030")
    with pytest.raises(UnicodeDecodeError):
        gb.decode("utf-8")
    assert by_format["pdf"][0].startswith(b"%PDF-")
    assert (FOLDER / COPY).read_bytes() == gb


def test_broken_upload_is_refused_alone(intake: Intake) -> None:
    with pytest.raises(UnreadableFile):
        open_file(FOLDER / BROKEN, name=BROKEN)
    assert [report.file for report in intake.files if report.refused] == [BROKEN]


def test_file_sent_twice_is_read_once(intake: Intake) -> None:
    assert "file-repeated" in {finding.code for finding in intake.findings}
    assert len([one for one in intake.opportunities if one.name == "煤机装备远程运维与预测性维护"]) == 1


def test_contacts_are_plainly_invented(builder: ModuleType) -> None:
    text = "\n".join(str(value) for one in builder.load_all() for g in one.grids for row in g.rows for value in row)
    phones = re.findall(r"0\d{2,3}-\d{7,8}|1[3-9]\d[- ]?\d{4}[- ]?\d{4}", text)
    assert len(phones) > 60
    assert all(re.fullmatch(r"0\d{2,3}-0{7,8}|138-?0000-?00\d{2}", phone) for phone in phones)
    mails = re.findall(r"[\w.]+@[\w.]+", text)
    assert len(mails) > 10
    assert all(mail.endswith("@example.com") for mail in mails)


def test_promised_counts(intake: Intake) -> None:
    assert len(intake.enterprises) == 40
    assert len(intake.measures) == 12
    assert len(intake.cases) == 22
    assert len(intake.projects) == 30
    assert len(intake.agenda) == 11
    assert len(intake.participants) == 98
    assert len({value.city for value in intake.indicators}) == 12
    assert len(intake.opportunities) == 66


def test_same_firm_in_three_files_is_one_record(intake: Intake) -> None:
    (firm,) = (one for one in intake.enterprises if one.name == "太原示例智造科技有限公司（虚构）")
    assert firm.credit_code == "91140105MA0000015U"
    assert {source.file[:7] for source in firm.sources} == {"企业能力/02", "企业能力/03"}
    assert (firm.staff, firm.abnormal, firm.tracks) == (186, False, ("智能生产",))
    (iflytek,) = (one for one in intake.enterprises if "科大讯飞" in (one.name, *one.aliases))
    assert [one.name for one in iflytek.capabilities] == ["智慧教育", "智慧医疗", "政务与城市智能服务"]


def test_real_firms_carry_no_figures(intake: Intake) -> None:
    real = [one for one in intake.enterprises if "示例" not in one.name]
    assert len(real) == 27
    for one in real:
        assert (one.capital, one.staff, one.revenue, one.credit_code) == (None, None, None, ""), one.name
        assert not re.search(r"\d", one.business), one.name


def test_contacts_keep_the_consent_of_the_sheet(intake: Intake) -> None:
    consent = {one.name: one.contact.publishable for one in intake.opportunities}
    assert {"phone", "email"} <= consent["晋祠—天龙山文旅产业小镇"]
    assert not consent["古县城数字夜游与沉浸演艺"]
    assert "phone" in consent["矿区无人机与机器人巡检"]
    assert not consent["氢燃料电池重卡换装与加氢站示范"]
    assert 20 <= sum(1 for fields in consent.values() if fields) < len(consent) / 2


def test_dialogues_are_on_stage_blocks(intake: Intake) -> None:
    stages = {block.title: block for block in intake.agenda if block.on_stage}
    assert len(stages) == 3
    assert "京东方" in stages["智慧城市构建未来城市新场景"].on_stage
    assert not any(block.everyone for block in stages.values())
    assert sum(block.everyone for block in intake.agenda) == 8


def test_projects_stand_at_every_stage(intake: Intake) -> None:
    assert {one.stage for one in intake.projects} == {*STAGES, "搁置", "终止"}
    stopped = [one.name for one in intake.projects if one.stopped_reason]
    assert stopped == ["矿山遗址剧场（虚构）", "公共建筑能源托管（虚构）"]


def test_every_row_is_accounted_for(intake: Intake) -> None:
    for report in intake.files:
        for table in report.tables:
            assert table.rows_in == table.rows_taken + table.rows_refused, (report.file, table.sheet)


def test_opportunities_cover_every_track_or_leave_it_open(intake: Intake) -> None:
    named = {track for one in intake.opportunities for track in (*one.tracks, *one.domains)}
    assert set(TRACKS) <= named
