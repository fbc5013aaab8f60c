"""SECURITY: phones and e-mails leave the house only with the sheet's consent, wherever they stand."""

import io
import re
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pypdfium2
import pytest

from yingcheng.programme import RunReport, run_programme
from yingcheng.settings import Settings

HEADER = """
    序号 场景机会名称 场景简介 合作需求 主要技术 建设基础 预期目标 合作方式 投资额 资金来源 时限 区域
    需求单位 牵头部门 联系人 职务 联系方式 揭榜方要求 备注
"""
CELLS = """
    智慧停车改造 老旧小区停车位扩容 对十二个老旧小区开展停车位扩容与错时共享 车牌识别 已完成摸底 新增车位八百个
    特许经营 3000万元 财政资金 2026-2027 迎泽区 迎泽区城管局（虚构） 市城管局（虚构） 联系人甲 专员 - 有运营经验 无
"""
OPPORTUNITY, FILLED = tuple(HEADER.split()), tuple(CELLS.split())
ALLOWED = "13900000099"


def planted(column: int) -> str:
    """A reserved-looking number of its own for every column, written in different ways."""
    digits = f"138000000{column:02d}"
    return (digits, f"{digits[:3]} {digits[3:7]} {digits[7:]}", f"{digits[:3]}-{digits[3:7]}-{digits[7:]}")[column % 3]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunReport:
    folder = tmp_path_factory.mktemp("leak") / "材料"
    folder.mkdir()
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(OPPORTUNITY)
    for column in range(1, len(OPPORTUNITY)):
        row = [column, *FILLED]
        row[1] = f"{row[1]}{'甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉'[column]}线"
        row[3] = f"{row[3]}，第{'一二三四五六七八九十'[column % 10]}片区"
        row[column] = f"{row[column]} 请电 {planted(column)} 或 user{column:02d}@example.com"
        sheet.append(row)
    lights = ["汾河夜游灯光秀", "沿岸文旅夜游", "建设两公里沿河灯光演艺与夜间游船航线，寻求运营商", *FILLED[3:14]]
    sheet.append([99, *lights, "专员", f"{ALLOWED}（公开）", "有演艺经验", "无"])
    book.save(folder / "场景机会清单.xlsx")
    firms = openpyxl.Workbook()
    sheet = firms.active
    assert sheet is not None
    sheet.append(("公司名称", "企业与产品简介", "场景能力", "可应用落地场景", "类别", "企业资质"))
    sheet.append(
        (
            "示例停车科技有限公司（虚构）",
            f"智慧停车运营，电话{planted(40)}",
            f"车牌识别 {planted(41)}",
            "停车",
            "智慧城市",
            "",
        )
    )
    firms.save(folder / "企业能力清单.xlsx")
    projects = openpyxl.Workbook()
    sheet = projects.active
    assert sheet is not None
    sheet.append(("序号", "项目名称", "公司名称", "推进情况", "当前阶段", "签约日期"))
    sheet.append(
        (
            1,
            f"停车一期（{planted(50)}）",
            "示例停车科技有限公司（虚构）",
            f"已签约，找{planted(51)}",
            "签约",
            date(2025, 3, 1),
        )
    )
    projects.save(folder / "落地项目台账.xlsx")
    return run_programme(folder, folder.parent / "out", Settings(as_of=date(2026, 1, 1), city="太原市"))


def texts_of(path: Path) -> str:
    if path.suffix == ".pdf":
        return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(path))
    if path.suffix in {".xlsx", ".docx"}:
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            parts = [
                archive.read(name).decode("utf-8", "ignore") for name in archive.namelist() if name.endswith(".xml")
            ]
        return "\n".join(re.sub(r"<[^>]+>", "", part) for part in parts)
    return path.read_text("utf-8", "ignore").replace("\r\n ", "")


def test_what_was_planted_was_read(run: RunReport) -> None:
    assert len(run.results.opportunities.opportunities) == len(OPPORTUNITY)
    assert len(run.results.matrix.enterprises) == 1
    assert len(run.results.portfolio.projects) == 1


def test_no_planted_number_is_in_any_file_or_file_name(run: RunReport) -> None:
    leaks = []
    for path in sorted(run.out.rglob("*")):
        if not path.is_file() or path.relative_to(run.out).parts[0] == "0-数据核验":
            continue  # the office's own working papers show the senders' cells
        text = f"{path.name}\n{texts_of(path)}"
        digits = re.sub(r"[\s\-—\u200b]", "", text)
        columns = (*range(1, len(OPPORTUNITY)), 40, 41, 50, 51)
        numbers = {column: re.sub(r"[\s\-]", "", planted(column)) for column in columns}
        leaks += [(path.name, c) for c, number in numbers.items() if number in digits or f"user{c:02d}@" in text]
    assert leaks == []


def test_a_number_with_consent_is_published(run: RunReport) -> None:
    """Control: the list does show numbers, so that their absence above means something."""
    assert ALLOWED in texts_of(run.out / "2-场景机会清单/场景机会清单.csv")


def test_entries_with_numbers_in_their_text_are_held_back(run: RunReport) -> None:
    held = [r for r in run.results.opportunities.reviews if any("脱敏" in blocker for blocker in r.blockers)]
    assert len(held) >= len(OPPORTUNITY) - 5  # all but those whose number stood in a contact column
