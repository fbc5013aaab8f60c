"""README: the same input gives the same bytes — also in another process, with another hash seed, on another day."""

import json
import os
import subprocess
import sys
from pathlib import Path

from yingcheng.output import RUN_FILE, tree_digests
from yingcheng.programme import RunReport


def test_a_second_run_in_another_process_gives_the_same_bytes(
    example: Path, example_run: RunReport, tmp_path: Path
) -> None:
    out = tmp_path / "again"
    env = {**os.environ, "PYTHONHASHSEED": "4711", "TZ": "America/Lima", "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "yingcheng.cli", "run", str(example), "--out", str(out)]
    finished = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert finished.returncode == 1, finished.stderr
    first, second = tree_digests(example_run.out), tree_digests(out)
    first.pop(RUN_FILE)
    second.pop(RUN_FILE)
    assert first == second
    assert len(first) > 50
    records = [json.loads((folder / RUN_FILE).read_text("utf-8")) for folder in (example_run.out, out)]
    assert records[0]["provenance_sha256"] == records[1]["provenance_sha256"]
    assert records[0]["provenance"]["outputs"] == first


def test_a_changed_input_changes_the_record(example_run: RunReport) -> None:
    record = json.loads((example_run.out / RUN_FILE).read_text("utf-8"))
    assert len(record["provenance"]["inputs"]) == len(example_run.results.files)
    assert all(len(entry["sha256"]) == 64 for entry in record["provenance"]["inputs"])
    assert "times" in record
    assert "seconds" not in json.dumps(record["provenance"])
