"""An officer from a sender's file to the published list, in a real browser, with nothing from outside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import LazySettings
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from web_world import NAMES, PASSWORD, World, row, run_jobs, workbook

from yingcheng.web.opportunities.models import Batch, Import, Publication

WIDTHS = (1440, 390)


@pytest.fixture
def cleared(settings: LazySettings, tmp_path: Path) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.UPLOADS = tmp_path / "uploads"
    settings.UPLOADS.mkdir()
    settings.SECOND_FACTOR = "optional"


@pytest.fixture
def context(browser: Browser, live_server: object) -> Iterator[BrowserContext]:
    made = browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
    outside: list[str] = []
    address = str(live_server)

    def only_ours(route: Route) -> None:
        if route.request.url.startswith((address, "data:")):
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    made.route("**/*", only_ours)
    yield made
    made.close()
    assert outside == []


def sign_in(page: Page, address: str, world: World, role: str) -> None:
    user = world.person(role)
    user.set_password(PASSWORD)
    user.save()
    page.goto(f"{address}/accounts/login/")
    page.get_by_label("用户名").fill(user.username)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("今天要办的事")


def fault_free(page: Page) -> None:
    """No violation of axe's rules, and nothing wider than the window, on a desk and on a phone."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page).response
        assert len(found["passes"]) > 10  # it did look
        assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 1440, "height": 900})


def test_from_upload_to_the_published_list(
    cleared: None, real_world: World, context: BrowserContext, live_server: object, tmp_path: Path
) -> None:
    address, here = str(live_server), real_world.here
    page = context.new_page()
    sign_in(page, address, real_world, "officer")
    fault_free(page)
    page.get_by_role("link", name="批次", exact=True).click()
    page.get_by_role("link", name="新建批次").click()
    page.get_by_label("批次名称").fill("2026年第二批")
    page.get_by_role("button", name="保存").press("Enter")

    page.get_by_role("link", name="导入材料").click()
    fault_free(page)
    file = tmp_path / "某局报送.xlsx"
    rows = [row(NAMES[0], here.department.name), row(NAMES[1], here.department.name, 2)]
    file.write_bytes(workbook([*rows, ("3", "", here.department.name, "没有名称的一行", "", "", "", "", "")]))
    page.get_by_label("文件").set_input_files(file)
    page.get_by_role("button", name="上传并预览").click()
    expect(page.get_by_text("正在读取")).to_be_visible()
    run_jobs()
    expect(page.get_by_text(NAMES[0])).to_be_visible(timeout=15_000)  # the page has found out by itself
    fault_free(page)
    with page.expect_download() as marked:
        page.get_by_role("button", name="下载标注工作簿").click()
    assert marked.value.suggested_filename == "某局报送.xlsx.核验.xlsx"
    page.get_by_label(f"采用：{NAMES[1]}").uncheck()
    page.get_by_role("button", name="采用勾选的行").click()
    expect(page.get_by_text("新增 1 条")).to_be_visible()
    run_jobs()
    page.reload()
    expect(page.get_by_role("cell", name="可发布")).to_be_visible()
    fault_free(page)

    page.get_by_role("button", name=re.compile("修改需求单位")).click()  # in its place in the list
    page.get_by_label("需求单位", exact=True).fill("甲市新设局")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="修改需求单位：甲市新设局")).to_be_visible()
    run_jobs()
    page.get_by_role("button", name="转到“核验”").click()
    page.get_by_role("button", name="转到“脱敏”").click()
    page.get_by_role("link", name=NAMES[0]).click()
    expect(page.get_by_text("13900000001")).to_have_count(0)
    fault_free(page)
    page.get_by_role("link", name="2026年第二批").click()
    page.get_by_role("button", name="送审", exact=True).click()
    expect(page.get_by_text("审核期间不能修改")).to_be_visible()
    context.clear_cookies()

    page = context.new_page()
    sign_in(page, address, real_world, "reviewer")
    page.get_by_role("link", name="2026年第二批").click()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="签发发布").click()
    expect(page.get_by_text("已发布：新增 1 条")).to_be_visible()
    fault_free(page)
    context.clear_cookies()

    page.goto(f"{address}/?q=停车")
    fault_free(page)
    page.get_by_role("link", name=NAMES[0]).click()
    expect(page.get_by_text("甲市新设局").first).to_be_visible()
    expect(page.get_by_text("13900000001")).to_have_count(0)
    fault_free(page)
    assert Publication.objects.filter(opportunity__batch__name="2026年第二批").count() == 1
    assert Batch.objects.get(name="2026年第二批").stage == "published"
    assert Import.objects.latest("pk").report["rows_refused"] == 1


def test_a_department_sends_a_need_from_a_phone(
    cleared: None, real_world: World, context: BrowserContext, live_server: object
) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server}/need/link-secret0/")
    page.get_by_role("button", name="下一步：核对").click()
    expect(page.get_by_role("heading", name="有问题需要处理")).to_be_visible()  # each fault with a link to its field
    fault_free(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_label("场景名称").fill("社区食堂智慧化改造")
    page.get_by_label("想解决什么").fill("六个社区食堂靠人工登记，需要就餐结算与食材追溯的方案。")
    page.get_by_label("联系人和电话").fill("钱多多 0351-0000000")
    page.get_by_role("button", name="下一步：核对").click()
    expect(page.get_by_text("不公开")).to_be_visible()
    fault_free(page)
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("heading", name="已收到")).to_be_visible()
    assert real_world.here.batch.opportunities.filter(name="社区食堂智慧化改造").count() == 1
