"""The page of permissions is made from the table: ``python -m yingcheng.web.permissions_page``."""

from pathlib import Path

from yingcheng.web.permissions_page import page

ROOT = Path(__file__).parents[2]


def test_the_page_of_permissions_is_up_to_date() -> None:
    assert (ROOT / "docs/reference/permissions.md").read_text("utf-8") == page()
