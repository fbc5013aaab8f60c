"""What strangers try: each attempt is made, and fails."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from web_world import HEADER, World, add, client_of, publish, row, run_jobs, upload, workbook

from yingcheng.web.accounts.models import ApiToken, Organisation, User
from yingcheng.web.opportunities.actions.batches import create_batch
from yingcheng.web.opportunities.actions.reviewing import check_batch
from yingcheng.web.opportunities.models import Import, Opportunity, Publication
from yingcheng.web.uploads import path_of

pytestmark = pytest.mark.django_db
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'"
PAGES = (
    "/desk/",
    "/desk/batches/",
    "/desk/batches/{batch}/",
    "/desk/batches/{batch}/duplicates/",
    "/desk/opportunities/{one}/",
    "/desk/opportunities/{one}/edit/",
    "/desk/imports/{source}/",
    "/desk/organisations/",
    "/desk/people/",
)


def uploaded(client: Client, batch: int, content: bytes, name: str = "报送.xlsx") -> Import:
    reply = client.post(f"/desk/batches/{batch}/import/", {"file": upload(content, name)})
    assert reply.status_code == 302, reply.content.decode()
    run_jobs()
    return Import.objects.latest("pk")


def test_scripts_in_every_imported_field_are_text(world: World, officer: Client) -> None:
    cells = [f"{SCRIPT}{place}" for place in range(len(HEADER))]
    source = uploaded(officer, world.here.batch.pk, workbook([cells], HEADER))
    officer.post(f"/desk/imports/{source.pk}/apply/", {"row": "1", "shown": "1", "then": "apply"})
    one = Opportunity.objects.latest("pk")
    assert "<script>" in one.name
    for address in PAGES:
        page = officer.get(address.format(batch=world.here.batch.pk, one=one.pk, source=source.pk))
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()
        assert "<img src=x" not in page.content.decode()


def test_scripts_in_what_is_published_are_text(world: World) -> None:
    batch = create_batch(city=world.here.city, name="坏批", by=world.actor("officer"))
    evil = "</script><script>alert(1)</script>"
    add(batch, f"坏场景{evil}", f"甲局{evil}", summary=evil + "需要整体方案和运营单位")
    check_batch(batch_id=batch.pk)
    publish(batch, world.person("officer"), world.person("reviewer"))
    shown = Publication.objects.latest("pk")
    for address in ("/", f"/o/{shown.reference}/", "/embed/", "/feed.atom", "/feed.rss"):
        page = Client().get(address).content.decode()
        assert "坏场景" in page
        assert "<script>alert" not in page
    page = Client().get(f"/o/{shown.reference}/").content.decode()
    data = page.split('<script type="application/ld+json">')[1].split("</script>")[0]
    assert evil in json.loads(data)["name"]


def test_pages_allow_no_inline_script(world: World, officer: Client) -> None:
    addresses = ["/", "/accounts/login/", "/register/", "/api/v1/docs", "/embed/"]
    addresses += [
        a.format(batch=world.here.batch.pk, one=world.here.opportunities[0].pk, source=world.here.source.pk)
        for a in PAGES
    ]
    for address in addresses:
        reply = officer.get(address)
        policy = reply.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "script-src 'self'" in policy
        page = reply.content.decode()
        assert " style=" not in page
        assert " onclick=" not in page
        assert "http://" not in page.replace("http://testserver", "").replace("http://www.w3.org", "")
        assert "https://" not in page.replace("https://schema.org", "")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t="])
def test_csv_cells_never_become_formulas(world: World, start: str) -> None:
    batch = create_batch(city=world.here.city, name="公式批", by=world.actor("officer"))
    add(batch, f"{start}HYPERLINK(1)", f"{start}SUM(1)局")
    check_batch(batch_id=batch.pk)
    publish(batch, world.person("officer"), world.person("reviewer"))
    text = Client().get("/opportunities.csv").content.decode("utf-8-sig")
    cells = [cell for line in csv.reader(io.StringIO(text)) for cell in line]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not [cell for cell in cells if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}]


@pytest.mark.parametrize(
    "name", ["../../../../evil.xlsx", "..\\..\\evil.xlsx", "/etc/passwd.xlsx", "a\x00b.xlsx", "CON.xlsx"]
)
def test_the_name_of_a_file_is_never_a_path(world: World, officer: Client, settings: LazySettings, name: str) -> None:
    source = uploaded(officer, world.here.batch.pk, workbook([row("路径")]), name)
    assert path_of(source.stored_as).parent == Path(settings.UPLOADS)
    assert not {"/", "\\", "\x00"} & set(source.file_name)
    assert source.status == Import.Status.READY
    with pytest.raises(ValueError, match="evil"):
        path_of("../../evil")


@pytest.mark.parametrize("name", ["a.exe", "a.html", "a.svg", "a.xlsx.js", "a", "a.php"])
def test_other_kinds_of_files_are_refused(world: World, officer: Client, settings: LazySettings, name: str) -> None:
    before = len(list(Path(settings.UPLOADS).iterdir()))
    reply = officer.post(f"/desk/batches/{world.here.batch.pk}/import/", {"file": upload(b"<script>", name)})
    assert reply.status_code == 400
    assert len(list(Path(settings.UPLOADS).iterdir())) == before


def test_what_only_looks_like_a_workbook_is_refused_with_a_reason(world: World, officer: Client) -> None:
    source = uploaded(officer, world.here.batch.pk, b"<html><script>alert(1)</script></html>" * 20, "假.xlsx")
    assert source.status in {Import.Status.FAILED, Import.Status.READY}
    assert source.rows.count() == 0
    assert source.fault or source.findings


def test_too_large_a_file_is_refused(world: World, officer: Client, settings: LazySettings) -> None:
    settings.UPLOAD_LIMIT = 100
    reply = officer.post(f"/desk/batches/{world.here.batch.pk}/import/", {"file": upload(b"x" * 101)})
    assert reply.status_code == 400


def test_forms_of_other_sites_are_refused(world: World) -> None:
    strict = client_of(world.person("officer"), enforce_csrf_checks=True)
    for address in (
        f"/desk/batches/{world.here.batch.pk}/advance/",
        "/desk/tokens/",
        "/need/link-secret0/",
        "/register/",
    ):
        assert strict.post(address, {"to": "checking"}).status_code == 403
    assert strict.get(f"/desk/batches/{world.here.batch.pk}/").status_code == 200


def test_nobody_is_sent_elsewhere_after_sign_in(world: World) -> None:
    user = world.person("officer")
    user.set_password("Correct-horse-9")
    user.save()
    client = Client()
    reply = client.post(
        "/accounts/login/?next=https://evil.example/",
        {"login": "officer0", "password": "Correct-horse-9", "next": "https://evil.example/"},
    )
    assert reply.status_code == 302
    assert "evil" not in reply.headers["Location"]
    reply = client.post("/language/", {"language": "en", "next": "https://evil.example/"})
    assert "evil" not in reply.headers["Location"]


def test_more_fields_than_the_form_has_change_nothing(world: World, officer: Client) -> None:
    one = world.here.opportunities[0]
    data = {
        "version": "1",
        "unit": "新单位",
        "state": "withdrawn",
        "publishable": "1",
        "batch": "2",
        "reference": "X",
        "contact": "x",
    }
    assert officer.post(f"/desk/opportunities/{one.pk}/field/unit/", data).status_code == 302
    after = Opportunity.objects.get(pk=one.pk)
    assert (after.unit, after.state, after.batch_id, after.reference) == (
        "新单位",
        "active",
        one.batch_id,
        one.reference,
    )
    extra = {
        "city": world.here.city.pk,
        "company": "某企业",
        "credit_code": "91310120757910647" + "0",
        "name": "某人",
        "username": "firm",
        "password": "Correct-horse-9",
        "again": "Correct-horse-9",
        "status": "confirmed",
        "role": "officer",
        "is_active": "1",
    }
    assert Client().post("/register/", extra).status_code == 200
    made = Organisation.objects.get(name="某企业")
    assert made.status == "pending"
    assert User.objects.get(username="firm").standings == ()


def test_the_need_form_names_its_own_department(world: World) -> None:
    data = {
        "name": "停车改造",
        "need": "需要停车场改造与运营方案",
        "contact": "钱多多 0351-0000000",
        "unit": "市长办公室",
        "step": "send",
    }
    assert Client().post("/need/link-secret0/", data).status_code == 200
    assert Opportunity.objects.latest("pk").unit == world.here.department.name


@pytest.mark.parametrize(
    "address", ["/need/wrong/", "/join/wrong/", "/o/1-O-nothing/", "/o/%00/", "/desk/imports/99999999999999999999/"]
)
def test_what_is_not_there_is_404(world: World, officer: Client, address: str) -> None:
    assert officer.get(address).status_code == 404


def test_nul_is_refused_everywhere(world: World, officer: Client) -> None:
    assert officer.get("/?q=a%00b").status_code == 404
    content = "场景机会名称,需求单位,需求内容,备注\n停\0车,甲\0局,要改\0造停车场的方案,x\0y\n".encode()
    source = uploaded(officer, world.here.batch.pk, content, "空字符.csv")
    assert source.status in {Import.Status.READY, Import.Status.FAILED}
    assert officer.get(f"/desk/imports/{source.pk}/").status_code == 200


def test_passwords_and_secrets_are_not_stored(world: World, officer: Client) -> None:
    page = officer.post(
        "/desk/tokens/", {"name": "程序", "scopes": ["opportunities:read"], "days": "1"}
    ).content.decode()
    secret = page.split('value="yc_')[1].split('"')[0]
    reply = Client().get("/api/v1/me", headers={"Authorization": f"Bearer yc_{secret}"})
    assert reply.status_code == 200
    assert secret not in "".join(token.digest + token.name for token in ApiToken.objects.all())
