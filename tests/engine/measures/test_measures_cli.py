"""``yingcheng measures`` as a user types it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from yingcheng.cli_measures import app
from yingcheng.errors import UnusableInput

EXAMPLE = Path(__file__).parents[3] / "examples" / "taiyuan"
RULES = """
measures:
- name: 甲政策（虚构）
  conditions:
  - {fact: 员工人数, op: "≥", value: 50人}
  - human: 有示范作用
"""


def said(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


def test_template_check_and_convert(tmp_path: Path) -> None:
    table, rules = tmp_path / "表.xlsx", tmp_path / "规则.yaml"
    said("template", "-o", str(table))
    assert "没有发现问题" in said("check", str(table))
    said("convert", str(table), "-o", str(rules))
    assert "研发投入" in rules.read_text(encoding="utf-8")
    assert "没有发现问题" in said("check", str(rules))
    with pytest.raises(UnusableInput, match="没有覆盖"):
        said("convert", str(table), "-o", str(rules))


def test_check_counts_what_is_left_to_a_person_and_names_faults(tmp_path: Path) -> None:
    rules = tmp_path / "规则.yaml"
    rules.write_text(RULES, encoding="utf-8")
    assert "2 行条款，1 个条件可直接判定，1 个须人工认定" in said("check", str(rules))
    rules.write_text(RULES.replace("员工人数", "员工人屏"), encoding="utf-8")
    output = said("check", str(rules), code=1)
    assert "第5行" in output
    assert "员工人数" in output


def test_reach_and_what_if_on_the_example() -> None:
    assert "小巨人企业倍增奖励" in said("reach", str(EXAMPLE))
    assert "还差200万元" in said("reach", str(EXAMPLE), "-m", "小巨人")
    assert "来源" in said("reach", str(EXAMPLE), "-m", "小巨人", "-e", "示例智造")
    changed = said("what-if", str(EXAMPLE), "-m", "小巨人", "-c", "2", "-v", "5000万元~4亿元")
    assert "以主管部门认定为准" in changed
    with pytest.raises(UnusableInput, match="没有这个名称"):
        said("reach", str(EXAMPLE), "-m", "没有的政策")
