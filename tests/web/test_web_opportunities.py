"""The list from the first file to its end: preview, decisions that stay, merge and undo, versions, portal."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import openpyxl
import pytest
from django.test import Client
from web_world import NAMES, PHONE, World, add, client_of, row, run_jobs, upload, workbook

from yingcheng.errors import NotAllowed, WrongState
from yingcheng.web.accounts.models import Membership
from yingcheng.web.opportunities.actions import batches, editing, merging
from yingcheng.web.opportunities.actions.reviewing import check_batch
from yingcheng.web.opportunities.models import Batch, Import, Opportunity, Publication, Version

pytestmark = pytest.mark.django_db


def imported(world: World, rows: list[tuple[object, ...]], name: str = "报送.xlsx") -> Import:
    client = client_of(world.person("officer"))
    client.post(f"/desk/batches/{world.here.batch.pk}/import/", {"file": upload(workbook(rows), name)})
    run_jobs()
    return Import.objects.latest("pk")


def test_the_preview_says_what_would_change_and_writes_nothing(world: World, officer: Client) -> None:
    unit = world.here.department.name
    before = list(Opportunity.objects.values_list("pk", "version"))
    source = imported(
        world,
        [
            row(NAMES[0], unit, need="改写后的需求，请提供停车改造整体方案。"),
            row("全新场景", unit, 2),
            row("", unit, 3),
        ],
    )
    assert [(r.record["name"], r.kind) for r in source.rows.all()] == [(NAMES[0], "changed"), ("全新场景", "new")]
    assert (source.report["rows_in"], source.report["rows_taken"], source.report["rows_refused"]) == (3, 2, 1)
    assert list(Opportunity.objects.values_list("pk", "version")) == before
    page = officer.get(f"/desk/imports/{source.pk}/").content.decode()
    assert "改写后的需求" in page
    assert "没有名称的行无法发布" in page
    assert PHONE not in page


def test_sending_the_same_again_changes_nothing(world: World, officer: Client) -> None:
    rows = [row("甲场景"), row("乙场景", number=2)]
    first = imported(world, rows)
    everything = {"row": ["1", "2"], "shown": ["1", "2"], "then": "apply"}
    officer.post(f"/desk/imports/{first.pk}/apply/", everything)
    before = list(Opportunity.objects.order_by("pk").values_list("pk", "version"))
    second = imported(world, rows, "又发一次.xlsx")
    assert {r.kind for r in second.rows.all()} == {"same"}
    officer.post(f"/desk/imports/{second.pk}/apply/", everything)
    assert list(Opportunity.objects.order_by("pk").values_list("pk", "version")) == before


def test_only_accepted_rows_are_taken_over(world: World, officer: Client) -> None:
    source = imported(world, [row("甲场景"), row("乙场景", number=2)])
    officer.post(f"/desk/imports/{source.pk}/apply/", {"row": ["2"], "shown": ["1", "2"], "then": "apply"})
    assert not Opportunity.objects.filter(name="甲场景").exists()
    assert Opportunity.objects.filter(name="乙场景").count() == 1


def test_a_column_can_be_given_its_meaning(world: World, officer: Client) -> None:
    content = workbook(
        [("某场景", "甲局", "要改造停车场的整体方案", "随便写写")],
        ("场景机会名称", "需求单位", "需求内容", "奇怪的栏目"),
    )
    officer.post(f"/desk/batches/{world.here.batch.pk}/import/", {"file": upload(content)})
    run_jobs()
    source = Import.objects.latest("pk")
    columns = source.report["tables"][0]["columns"]
    place = next(i for i, column in enumerate(columns) if column["header"] == "奇怪的栏目")
    data = {f"table0-column{i}": column["field"] for i, column in enumerate(columns)} | {
        f"table0-column{place}": "expected"
    }
    officer.post(f"/desk/imports/{source.pk}/map/", data)
    run_jobs()
    assert source.rows.get().record["expected"] == "随便写写"


def test_the_error_workbook_is_the_senders_own_marked(world: World, officer: Client) -> None:
    source = imported(world, [row("甲场景"), row("", number=2)])
    reply = officer.post(f"/desk/imports/{source.pk}/errors/")
    assert reply.headers["Content-Disposition"].endswith(".xlsx")
    book = openpyxl.load_workbook(io.BytesIO(reply.content))
    assert any(cell.comment for sheet in book for line in sheet.iter_rows() for cell in line)


def test_a_broken_file_is_refused_with_its_reason(world: World, officer: Client) -> None:
    officer.post(f"/desk/batches/{world.here.batch.pk}/import/", {"file": upload(b"PK\x03\x04broken" * 50)})
    run_jobs()
    source = Import.objects.latest("pk")
    assert source.status == Import.Status.FAILED
    assert source.fault in officer.get(f"/desk/imports/{source.pk}/").content.decode()


def test_merge_and_undo(world: World) -> None:
    here, by = world.here, world.actor("officer")
    keep, copy, *_rest = here.opportunities
    Opportunity.objects.filter(pk=copy.pk).update(technology="车牌识别")
    merging.merge(keep_id=keep.pk, copy_id=copy.pk, take=["technology"], by=by)
    keep.refresh_from_db()
    copy.refresh_from_db()
    assert (keep.technology, copy.state, copy.merged_into_id) == ("车牌识别", "merged", keep.pk)
    run_jobs()
    assert Batch.objects.get(pk=here.batch.pk).opportunities.filter(state="active").count() == 2
    merging.undo_merge(copy_id=copy.pk, by=by)
    copy.refresh_from_db()
    assert (copy.state, copy.merged_into_id) == ("active", None)
    with pytest.raises(WrongState):
        merging.undo_merge(copy_id=copy.pk, by=by)


def test_duplicates_are_found_and_a_decision_stays(world: World, officer: Client) -> None:
    here = world.here
    twin = add(here.batch, f"{NAMES[0]}项目", "甲市另一局", 0)
    check_batch(batch_id=here.batch.pk)
    page = officer.get(f"/desk/batches/{here.batch.pk}/duplicates/").content.decode()
    assert f"{NAMES[0]}项目" in page
    twin.refresh_from_db()
    original = here.opportunities[0]
    blocked = twin if not twin.publishable else original
    assert "疑似同一场景" in "".join(blocked.blockers)
    officer.post(f"/desk/opportunities/{twin.pk}/apart/{original.pk}/")
    run_jobs()
    assert Batch.objects.get(pk=here.batch.pk).duplicates == []
    blocked.refresh_from_db()
    assert blocked.publishable


def test_two_pairs_of_eyes(world: World) -> None:
    here = world.here
    by = world.actor("officer")
    with pytest.raises(WrongState):
        batches.submit_for_approval(batch_id=here.batch.pk, by=by)  # not yet desensitised
    for to in ("checking", "desensitising"):
        batches.advance(batch_id=here.batch.pk, to=to, by=by)
    batches.submit_for_approval(batch_id=here.batch.pk, by=by)
    with pytest.raises(NotAllowed):
        batches.approve(batch_id=here.batch.pk, by=by)
    with pytest.raises(WrongState):
        editing.withdraw(opportunity_id=here.opportunities[0].pk, reason="", by=by)  # frozen while it is looked at
    batches.send_back(batch_id=here.batch.pk, reason="请补充预期目标", by=world.actor("reviewer"))
    assert "请补充预期目标" in client_of(world.person("officer")).get("/desk/").content.decode()
    Membership.objects.create(user=world.person("officer"), organisation=here.department, role="reviewer")
    batches.submit_for_approval(batch_id=here.batch.pk, by=world.actor("officer"))
    with pytest.raises(NotAllowed, match="送审人"):
        batches.approve(batch_id=here.batch.pk, by=world.actor("officer"))


def test_numbers_in_texts_stop_a_batch_until_they_are_out(world: World) -> None:
    here, by = world.here, world.actor("officer")
    one = here.opportunities[0]
    editing.edit(opportunity_id=one.pk, version=1, changes={"need": f"停车改造方案，请电 {PHONE}"}, by=by)
    run_jobs()
    for to in ("checking", "desensitising"):
        batches.advance(batch_id=here.batch.pk, to=to, by=by)
    with pytest.raises(WrongState, match="电话"):
        batches.submit_for_approval(batch_id=here.batch.pk, by=by)
    editing.desensitise(opportunity_id=one.pk, version=2, by=by)
    batches.submit_for_approval(batch_id=here.batch.pk, by=by)


def test_versions_with_differences_and_the_end(world: World) -> None:
    here, by = world.here, world.actor("officer")
    batch = here.published
    changed, gone, same = batch.opportunities.order_by("pk")
    batches.advance(batch_id=batch.pk, to="updating", by=by)
    editing.edit(opportunity_id=changed.pk, version=1, changes={"expected": "新增车位八百个"}, by=by)
    editing.withdraw(opportunity_id=gone.pk, reason="不做了", by=by)
    run_jobs()
    batches.submit_for_approval(batch_id=batch.pk, by=by)
    done = batches.approve(batch_id=batch.pk, by=world.actor("reviewer"))
    assert (done.new, done.changed, done.ended) == (0, 1, 1)
    assert [Version.objects.filter(opportunity=one).count() for one in (changed, gone, same)] == [2, 1, 1]
    page = client_of(world.person("leader")).get(f"/desk/opportunities/{changed.pk}/versions/2/").content.decode()
    assert "<ins>新增车位八百个</ins>" in page
    assert Publication.objects.get(opportunity=gone).ended == "已撤下"
    assert "不再征集" in Client().get(f"/o/{Publication.objects.get(opportunity=gone).reference}/").content.decode()
    assert batches.expire(batch_id=batch.pk, by=world.actor("reviewer")) == 2
    assert NAMES[3] not in Client().get("/?city=甲市").content.decode()
    assert NAMES[3] in Client().get("/?city=甲市&open=0").content.decode()


def test_contacts_leave_only_with_consent(world: World) -> None:
    here, by = world.here, world.actor("officer")
    batch = here.published
    one = batch.opportunities.earliest("pk")
    address = f"/o/{Publication.objects.get(opportunity=one).reference}/"
    everything = ("/", address, "/opportunities.csv", "/opportunities.json", "/opportunities.ocds.json", "/feed.atom",
                  "/api/v1/public/opportunities")  # fmt: skip
    assert not [a for a in everything if PHONE in Client().get(a).content.decode()]
    batches.advance(batch_id=batch.pk, to="updating", by=by)
    contact = editing.reveal_contact(opportunity_id=one.pk, by=by).contact
    consented = replace(contact, publishable=frozenset({"phone"}))
    editing.edit(opportunity_id=one.pk, version=1, changes={"contact": consented}, by=by)
    run_jobs()
    batches.submit_for_approval(batch_id=batch.pk, by=by)
    batches.approve(batch_id=batch.pk, by=world.actor("reviewer"))
    page = Client().get(address).content.decode()
    assert PHONE in page
    assert "钱多多" not in page  # the name has no consent
    for role in ("leader", "organiser", "auditor"):
        assert PHONE not in client_of(world.person(role)).get(f"/desk/opportunities/{one.pk}/").content.decode()


def test_numbers_in_odd_columns_are_shown_to_those_only_who_may_see_contacts(world: World) -> None:
    one = add(world.here.batch, "另一场景", "甲局", extra=(("备注", f"请找小钱 {PHONE}"),))
    address = f"/desk/opportunities/{one.pk}/"
    assert PHONE in client_of(world.person("officer")).get(address).content.decode()
    for role in ("leader", "organiser", "auditor"):
        assert PHONE not in client_of(world.person(role)).get(address).content.decode()


def test_search_and_facets(world: World) -> None:
    def found(query: str) -> int:
        return Client().get(f"/opportunities.json?{query}").json()["opportunities"].__len__()

    assert found("") == 6
    assert found("q=食品") == 2
    assert found("q=食品 甲市") == 1
    assert found("city=甲市") == 3
    assert found("track=智慧城市&region=小店区") == 6
    assert found("track=乡村振兴") == 0
    page = Client().get("/?q=食品").content.decode()
    assert "共 2 项" in page


def test_open_data_is_what_it_says(world: World) -> None:
    package = Client().get("/opportunities.ocds.json").json()
    assert len(package["releases"]) == 6
    assert {release["buyer"]["name"] for release in package["releases"]} == {"甲市某局", "乙市某局"}
    schema = Path(__file__).parents[1] / "data" / "ocds-release-schema-1.1.5.json"
    if schema.exists():
        for release in package["releases"]:
            jsonschema.validate(release, json.loads(schema.read_text("utf-8")))
    assert Client().get("/opportunities.csv").content.startswith(b"\xef\xbb\xbf")
    entry = Client().get("/opportunities.json").json()["opportunities"][0]
    assert entry["url"].endswith(f"/o/{entry['id']}/")


def test_the_list_in_official_form(world: World, officer: Client) -> None:
    for form, start in (("xlsx", b"PK"), ("docx", b"PK")):
        reply = officer.get(f"/desk/batches/{world.here.batch.pk}/list.{form}")
        assert reply.content.startswith(start)
    assert officer.get(f"/desk/batches/{world.here.batch.pk}/list.exe").status_code == 404


def test_everybody_may_frame_the_short_list_and_nothing_else(world: World) -> None:
    framed = Client().get("/embed/")
    assert "frame-ancestors *" in framed.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed.headers
    assert "frame-ancestors 'none'" in Client().get("/").headers["Content-Security-Policy"]
