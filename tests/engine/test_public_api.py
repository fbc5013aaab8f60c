"""The public names are a promise: a change here is a change for those who use the library."""

import subprocess
import sys

import pytest

import yingcheng

PUBLIC = [
    "Finding",
    "InputError",
    "Intake",
    "MissingExtra",
    "Place",
    "Results",
    "RunReport",
    "Settings",
    "Severity",
    "YingchengError",
    "check_files",
    "compute",
    "load_settings",
    "read_files",
    "read_folder",
    "run_programme",
]


def test_public_names_are_locked_and_all_there() -> None:
    assert yingcheng.__all__ == PUBLIC
    for name in PUBLIC:
        assert getattr(yingcheng, name).__name__ == name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_thing"):
        _ = yingcheng.no_such_thing  # type: ignore[attr-defined]


def test_reading_a_vocabulary_does_not_load_the_solvers() -> None:
    code = "import sys, yingcheng.standards.tracks; sys.exit('ortools' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_asking_for_help_does_not_load_the_solvers() -> None:
    code = "import sys, yingcheng.cli; sys.exit('ortools' in sys.modules or 'scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
