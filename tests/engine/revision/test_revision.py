import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from docx.oxml.ns import qn
from edited import City, Edit, Officer, comments, lines, make, read

from yingcheng.publish.blocks import Points, Table
from yingcheng.revision import Kind, heads

LATER = City(degree="0.700", rank="第 30 位")


def written(facts: City = City()) -> bytes:  # noqa: B008
    return make(facts).to_document().to_bytes()


def test_a_copy_nobody_changed_changes_nothing() -> None:
    edition = read(written())
    assert not edition.is_edited
    assert heads([edition]) == []
    assert make(editions=[edition]).to_document().to_bytes() == written()


def test_every_text_of_the_document_is_marked_once() -> None:
    with zipfile.ZipFile(io.BytesIO(written())) as archive:
        names = re.findall(r'<w:bookmarkStart[^>]*w:name="(_yc_[^"]+)"', archive.read("word/document.xml").decode())
    assert len(names) == len(set(names)) == sum(line.count("|") + 1 for line in lines(make()))
    assert all(len(name) <= 40 for name in names)


def test_no_text_is_kept_in_the_list_of_texts() -> None:
    with zipfile.ZipFile(io.BytesIO(written())) as archive:
        listed = b"".join(archive.read(name) for name in archive.namelist() if name.startswith("customXml/"))
    assert b"urn:yingcheng:draft:1" in listed
    assert "耦合".encode() not in listed
    assert "智慧公园".encode() not in listed


EDITS: dict[str, tuple[Edit, str, str]] = {
    # what is done, what has to be there, what must not be there
    "retype": (lambda o: o.retype("本次汇集", "专班改写。"), "专班改写。", "本次汇集"),
    "retype wholly": (lambda o: o.retype_wholly("本次汇集", "专班重写。"), "专班重写。", "本次汇集"),
    "retype a heading": (lambda o: o.retype("二、定位", "二、城市定位"), "二、城市定位", "二、定位"),
    "retype the title": (lambda o: o.retype("某市顶层策划", "某市营城策划"), "某市营城策划", "某市顶层策划"),
    "retype key figures": (lambda o: o.retype("场景机会 66", "机会六十六项。"), "机会六十六项。", "企业 40 家"),
    "add": (lambda o: o.add_before("“产”子系统", "补充一段。"), "补充一段。", "\0"),
    "add a section": (lambda o: o.add_before("项目", "（二）保障", "Heading 2"), "（二）保障", "（二）项目"),
    "delete": (lambda o: o.delete("“产”子系统"), "资源", "“产”子系统"),
    "change a cell": (lambda o: o.cell(1, 1, "园林局"), "智慧公园|园林局|1.2", "住建局"),
    "change a cell wholly": (lambda o: o.cell(2, 2, "9.9", wholly=True), "旧厂改造|规划局|9.9", "3.4"),
    "change a header": (lambda o: o.cell(0, 1, "责任单位"), "项目|责任单位|投资（亿元）", "项目|单位"),
    "add a row": (lambda o: o.add_row(1, "新项目", "交通局", "7"), "新项目|交通局|7", "\0"),
    "delete a row": (lambda o: o.delete_row(2), "智慧公园|住建局|1.2", "旧厂改造"),
    "change a caption": (lambda o: o.retype("表 1", "表 1　重点项目"), "表 1　重点项目", "落地项目"),
    "change a source": (lambda o: o.retype("数据来源", "数据来源：内部台账"), "数据来源：内部台账", "第 3–5 行"),
    "change a point": (lambda o: o.retype("没有企业覆盖", "乡村振兴待招商。"), "乡村振兴待招商。", "没有企业覆盖"),
    "tracked and open": (lambda o: o.track("本次汇集", "李四改写。"), "李四改写。", "本次汇集"),
}


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("facts", [City(), LATER], ids=["same facts", "new facts"])
def test_an_edit_survives_run_after_run(name: str, facts: City) -> None:
    edit, there, gone = EDITS[name]
    edition = edit(Officer(written())).edition()
    assert edition.is_edited
    for _run in range(3):
        draft = make(facts, [edition])
        shown = "\n".join(lines(draft))
        assert there in shown
        assert gone not in shown
        assert facts.degree in shown, "what nobody edited follows the facts"
        assert len(draft.merged.changes) == 1
        # The officer goes on with the new document: what it holds counts, even without the first one.
        edition = read(draft.to_document().to_bytes())
        assert edition.is_edited


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_in_the_pdf_too(name: str) -> None:
    edit, there, gone = EDITS[name]
    cover, blocks = make(editions=[edit(Officer(written())).edition()]).to_blocks()
    assert blocks[-3].text == "附：人工修改对照"  # type: ignore[union-attr]
    said = [cover.title]
    for block in blocks[:-3]:
        match block:
            case Table():
                rows = (tuple(column.header for column in block.columns), *block.rows)
                said += [f"表 1　{block.caption}", f"数据来源：{block.source}", *("|".join(row) for row in rows)]
            case Points():
                said += block.items
            case _:
                said.append(str(getattr(block, "text", block)))
    shown = "\n".join(said)
    assert there in shown
    assert gone not in shown


def test_deleted_stays_deleted_when_its_facts_change() -> None:
    edition = Officer(written()).delete("耦合协调度").edition()
    draft = make(LATER, [edition])
    assert "耦合协调度" not in "\n".join(lines(draft))
    (change,) = draft.merged.changes
    assert change.note.kind is Kind.DELETED
    assert change.note.moved
    assert change.note.generated == "耦合协调度 0.700，列第 30 位。"
    assert change.place == "诊断"


def test_new_facts_under_an_edit_are_offered_beside_until_decided() -> None:
    edition = Officer(written()).retype("耦合协调度", "本市协调度较高（0.654）。").edition()
    assert comments(make(editions=[edition])) == [], "same facts: nothing to decide"
    draft = make(LATER, [edition])
    (comment,) = comments(draft)
    assert "耦合协调度 0.700，列第 30 位。" in comment
    assert "张三 2026-05-25" in comment
    _cover, blocks = draft.to_blocks()
    table = blocks[-1]
    assert isinstance(table, Table)
    row = table.rows[0]
    assert row[:4] == ("诊断", "改", "本市协调度较高（0.654）。", "耦合协调度 0.700，列第 30 位。")
    assert row[4:] == ("张三\n2026-05-25", "修改后事实已变")
    # Undecided, the offer stays in the next document as well.
    carried = read(draft.to_document().to_bytes())
    assert len(comments(make(LATER, [carried]))) == 1
    # Looked at and written anew: decided.
    decided = Officer(draft.to_document().to_bytes(), "王五").retype("本市协调度", "本市协调度 0.700。").edition()
    assert comments(make(LATER, [decided])) == []
    assert make(LATER, [decided]).merged.changes[0].note.credit.by == "王五"
    # The generated text pasted in: no edit any more.
    taken = Officer(draft.to_document().to_bytes()).retype("本市协调度", "耦合协调度 0.700，列第 30 位。").edition()
    assert make(LATER, [taken]).merged.changes == ()


def test_cells_follow_the_facts_where_nobody_edited_them() -> None:
    edition = Officer(written()).cell(1, 1, "园林局").edition()
    richer = replace(
        City(), projects=(("智慧公园", "住建局", "2.0"), ("旧厂改造", "规划局", "3.4"), ("新桥", "交通局", "8"))
    )
    shown = lines(make(richer, [edition]))
    assert "智慧公园|园林局|2.0" in shown
    assert "新桥|交通局|8" in shown, "a new row comes in"
    assert not any("水岸新城" in line for line in shown), "a row that is no longer there goes"
    moved = replace(City(), projects=(("智慧公园", "城管局", "1.2"),))
    draft = make(moved, [edition])
    assert "智慧公园|园林局|1.2" in lines(draft)
    assert "城管局" in comments(draft)[0]
    assert draft.merged.changes[0].place == "落地项目—智慧公园—单位"


def test_an_edited_text_that_is_generated_no_more_is_kept() -> None:
    first = City(extra=("另有 3 个园区。",))
    edition = Officer(written(first)).retype("另有 3 个园区", "另有三个省级园区。").edition()
    draft = make(City(), [edition])
    assert "另有三个省级园区。" in lines(draft)
    shown = lines(draft)
    assert shown.index("“产”子系统相对滞后。") < shown.index("另有三个省级园区。")


def test_new_texts_come_in_at_their_place_beside_edits() -> None:
    edition = Officer(written()).add_before("（二）项目", "补充一段。").edition()
    shown = lines(make(City(extra=("新增一句事实。",)), [edition]))
    place = shown.index("“产”子系统相对滞后。")
    assert set(shown[place + 1 : place + 3]) == {"新增一句事实。", "补充一段。"}


def test_what_is_moved_stays_where_it_was_put() -> None:
    edition = Officer(written()).move_before("“产”子系统", "耦合协调度").retype("本次汇集", "改。").edition()
    shown = lines(make(LATER, [edition]))
    assert shown.index("“产”子系统相对滞后。") + 1 == shown.index("耦合协调度 0.700，列第 30 位。")


def test_who_and_when_come_from_tracked_changes_first() -> None:
    edition = Officer(written()).track("本次汇集", "李四改写。").retype("“产”", "“产”偏弱。").edition()
    assert edition.open_changes == 2
    changes = {change.text: str(change.note.credit) for change in make(editions=[edition]).merged.changes}
    assert changes == {"李四改写。": "李四 2026-05-23", "“产”偏弱。": "张三 2026-05-25"}


def test_who_changed_what_is_remembered_when_others_go_on() -> None:
    first = make(editions=[Officer(written()).retype("本次汇集", "张三写。").edition()])
    second = Officer(first.to_document().to_bytes(), "王五", datetime(2026, 6, 1, tzinfo=UTC))
    changes = make(editions=[second.retype("“产”", "王五写。").edition()]).merged.changes
    assert {change.text: str(change.note.credit) for change in changes} == {
        "张三写。": "张三 2026-05-25",
        "王五写。": "王五 2026-06-01",
    }


def test_rejected_changes_are_no_edit() -> None:
    officer = Officer(written())
    paragraph = officer.paragraph("本次汇集")._p
    officer.track("本次汇集", "李四改写。")
    for change in list(paragraph):
        if change.tag.endswith("}ins"):
            paragraph.remove(change)
        elif change.tag.endswith("}del"):
            for run in list(change):
                run[0].tag = run[0].tag.replace("delText", "t")
                change.addprevious(run)
            paragraph.remove(change)
    assert not officer.edition().is_edited


def test_a_tracked_deletion_of_a_whole_paragraph_is_a_deletion() -> None:
    officer = Officer(written()).track("“产”子系统", "")
    draft = make(editions=[officer.edition()])
    assert not any("“产”" in line for line in lines(draft))
    (change,) = draft.merged.changes
    assert (change.note.kind, change.note.credit.by) == (Kind.DELETED, "李四")


def test_two_officers_edit_the_same_draft() -> None:
    zhang = Officer(written()).retype("本次汇集", "张三写。").cell(1, 1, "园林局").edition("张.docx")
    later = datetime(2026, 5, 28, tzinfo=UTC)
    wang = Officer(written(), "王五", later).retype("“产”", "王五写。").cell(1, 2, "8").add_row(3, "桥", "局", "1")
    draft = make(editions=[zhang, wang.delete("没有企业覆盖").edition("王.docx")])
    shown = lines(draft)
    assert {"张三写。", "王五写。", "智慧公园|园林局|8", "桥|局|1"} <= set(shown)
    assert not any("没有企业覆盖" in line for line in shown)
    assert len(draft.merged.changes) == 6
    again = read(draft.to_document().to_bytes())
    assert lines(make(editions=[zhang, wang.edition("王.docx"), again])) == shown, "the merged copy holds both"


def test_two_officers_contradict_each_other() -> None:
    zhang = Officer(written()).retype("本次汇集", "张三写。").edition("张.docx")
    wang = (
        Officer(written(), "王五", datetime(2026, 5, 28, tzinfo=UTC)).retype("本次汇集", "王五写。").edition("王.docx")
    )
    draft = make(editions=[zhang, wang])
    assert "王五写。" in lines(draft), "the newer copy stands"
    (comment,) = comments(draft)
    assert "张三写。" in comment
    assert "张三 2026-05-25" in comment


def test_without_edited_copies_everything_is_generated_again() -> None:
    edition = Officer(written()).retype("本次汇集", "改。").edition()
    assert lines(make(editions=[edition])) != lines(make())
    assert make(editions=[]).to_document().to_bytes() == written()


def test_a_lost_list_costs_only_the_deletions() -> None:
    officer = Officer(written()).retype("本次汇集", "专班改写。").cell(1, 1, "园林局").add_before("“产”", "加一段。")
    edition = read(officer.delete("没有企业覆盖").without("customXml/item2").data)
    assert edition.known is None
    shown = lines(make(LATER, [edition]))
    assert {"专班改写。", "加一段。", "智慧公园|园林局|1.2", "耦合协调度 0.700，列第 30 位。"} <= set(shown)
    assert "没有企业覆盖的赛道：乡村振兴。" in shown


def test_a_rebuilt_table_is_kept_as_it_is() -> None:
    officer = Officer(written())
    officer.document.tables[0].add_column(1000000)
    for number, row in enumerate(officer.document.tables[0].rows):
        row.cells[3].paragraphs[0].add_run(f"备注{number}")
    draft = make(LATER, [officer.edition()])
    assert "智慧公园|住建局|1.2|备注1" in lines(draft)
    carried = make(LATER, [read(draft.to_document().to_bytes())])
    assert [line for line in lines(carried) if "|" in line] == [line for line in lines(draft) if "|" in line]


def test_an_added_table_is_kept() -> None:
    officer = Officer(written())
    table = officer.document.add_table(2, 2)
    for number, cell in enumerate(cell for row in table.rows for cell in row.cells):
        cell.text = f"格{number}"
    draft = make(LATER, [officer.edition()])
    for _run in range(2):
        assert lines(draft)[-2:] == ["格0|格1", "格2|格3"]
        draft = make(LATER, [read(draft.to_document().to_bytes())])


def test_a_split_paragraph_keeps_both_halves() -> None:
    officer = Officer(written()).retype("耦合协调度", "前半句。").add_before("“产”子系统", "后半句。")
    shown = lines(make(LATER, [officer.edition()]))
    assert shown.index("前半句。") + 1 == shown.index("后半句。")


def test_a_paragraph_typed_before_another_one_takes_its_bookmark_but_not_its_place() -> None:
    officer = Officer(written()).add_before("耦合协调度", "插在前面的一段。")
    new, old = officer.paragraph("插在前面")._p, officer.paragraph("耦合协调度")._p
    start = old.find(qn("w:bookmarkStart"))
    new.insert(0, start)  # as Word does where the cursor stood before the first letter
    draft = make(LATER, [officer.edition()])
    shown = lines(draft)
    assert shown.index("插在前面的一段。") + 1 == shown.index("耦合协调度 0.700，列第 30 位。")
    assert [change.note.kind for change in draft.merged.changes] == [Kind.ADDED]


def test_a_deleted_paragraph_pasted_back_is_ours_again() -> None:
    gone = make(editions=[Officer(written()).delete("“产”子系统").edition()])
    officer = Officer(gone.to_document().to_bytes()).add_before("（二）项目", "“产”子系统相对滞后。")
    draft = make(editions=[officer.edition()])
    assert lines(draft) == lines(make())
    assert draft.merged.changes == ()
