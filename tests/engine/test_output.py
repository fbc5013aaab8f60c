"""The output folder: whole or untouched, and never at the cost of a person's edits."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from yingcheng.errors import UnusableInput
from yingcheng.output import RUN_FILE, output_folder, tree_digests


def write_run(out: Path, files: dict[str, str]) -> tuple[str, ...]:
    with output_folder(out) as output:
        for name, text in files.items():
            path = output.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        record = {"provenance": {"outputs": tree_digests(output.folder)}}
        (output.folder / RUN_FILE).write_text(json.dumps(record), encoding="utf-8")
    return output.kept


def content(out: Path) -> dict[str, str]:
    return {
        path.relative_to(out).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name != RUN_FILE
    }


def test_second_run_replaces_the_first_and_removes_what_is_gone(tmp_path: Path) -> None:
    out = tmp_path / "结果"
    write_run(out, {"5/日历/甲.ics": "1", "5/日历/乙.ics": "1", "清单.txt": "旧"})
    kept = write_run(out, {"5/日历/甲.ics": "2", "清单.txt": "旧"})
    assert kept == ()
    assert content(out) == {"5/日历/甲.ics": "2", "清单.txt": "旧"}


def test_empty_folders_of_the_previous_run_disappear(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_run(out, {"5/日历/甲.ics": "1", "a": "1"})
    write_run(out, {"a": "1"})
    assert not (out / "5").exists()


def test_a_file_a_person_edited_is_kept_beside_the_new_one(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_run(out, {"1/顶层策划.docx": "机器稿"})
    (out / "1/顶层策划.docx").write_text("人工改稿", encoding="utf-8")
    kept = write_run(out, {"1/顶层策划.docx": "机器新稿"})
    assert len(kept) == 1
    assert "人工修改" in kept[0]
    assert content(out) == {"1/顶层策划.docx": "机器新稿", kept[0]: "人工改稿"}
    # The kept file belongs to the person now: a third run leaves it alone.
    write_run(out, {"1/顶层策划.docx": "第三稿"})
    assert content(out)[kept[0]] == "人工改稿"


def test_a_failed_run_leaves_the_previous_output_untouched(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_run(out, {"a": "1"})
    before = content(out)

    def fail_half_way() -> None:
        with output_folder(out) as output:
            (output.folder / "a").write_text("2", encoding="utf-8")
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        fail_half_way()
    assert content(out) == before


def test_a_folder_with_other_things_in_it_is_refused_and_not_touched(tmp_path: Path) -> None:
    out = tmp_path / "我的文档"
    out.mkdir()
    (out / "重要.txt").write_text("不要动", encoding="utf-8")
    with pytest.raises(UnusableInput) as caught, output_folder(out):
        pytest.fail("must not get this far")
    assert caught.value.code == "output-not-empty"
    assert content(out) == {"重要.txt": "不要动"}


def test_a_failed_first_run_leaves_nothing_at_all(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="stop"):
        fail_in(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_second_run_at_the_same_time_is_told_to_wait(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_run(out, {"a": "1"})
    before = content(out)
    with output_folder(out) as output:
        (output.folder / "a").write_text("2", encoding="utf-8")
        with pytest.raises(UnusableInput) as caught, output_folder(out):
            pytest.fail("must not get this far")
        assert caught.value.code == "output-busy"
        assert (output.folder / "a").read_text("utf-8") == "2"  # the first run's work is untouched
    assert before != content(out)


def test_what_a_killed_run_left_behind_does_not_stand_in_the_way(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_run(out, {"a": "1"})
    code = (
        "import os, sys; from pathlib import Path; from yingcheng.output import output_folder\n"
        "with output_folder(Path(sys.argv[1])) as output:\n"
        "    (output.folder / 'half').write_text('x'); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(out)], check=False).returncode != 0
    assert (out / ".partial" / "half").exists()  # control: the run did die half-way
    assert (out / "a").read_text("utf-8") == "1"
    write_run(out, {"a": "2"})
    assert content(out) == {"a": "2"}


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_place_that_cannot_be_a_folder_is_a_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(UnusableInput) as caught, output_folder(tmp_path / name):
        pytest.fail("must not get this far")
    assert caught.value.code == "output-not-writable"


def test_a_person_s_own_file_where_a_new_one_goes_is_kept(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_run(out, {"a.txt": "1"})
    (out / "b.txt").write_text("我的", encoding="utf-8")
    (out / "我的文件夹").mkdir()
    (kept,) = write_run(out, {"a.txt": "1", "b.txt": "新"})
    assert content(out) == {"a.txt": "1", "b.txt": "新", kept: "我的"}
    assert (out / "我的文件夹").is_dir()


def test_a_file_that_cannot_be_replaced_undoes_everything(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_run(out, {"a.txt": "1", "z/b.txt": "1"})
    (out / "m.txt").mkdir()  # a folder where the new run wants to put a file
    before = content(out)
    with pytest.raises(UnusableInput) as caught:
        write_run(out, {"a.txt": "2", "m.txt": "2", "z/b.txt": "2"})
    assert caught.value.code == "output-in-use"
    assert content(out) == before


def test_a_run_killed_while_replacing_is_undone_by_the_next(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_run(out, {"a.txt": "1", "b.txt": "1"})
    (out / ".replaced").mkdir()
    (out / "a.txt").rename(out / ".replaced" / "a.txt")  # as if killed after the first move
    with pytest.raises(RuntimeError, match="stop"):
        fail_in(out)
    assert content(out) == {"a.txt": "1", "b.txt": "1"}


def fail_in(out: Path) -> None:
    with output_folder(out):
        raise RuntimeError("stop")
