"""营城 — carries a city's 六个一 programme from the workbooks people really send to the six deliverables.

The engine as a library::

    from datetime import date
    from pathlib import Path
    from yingcheng import load_settings, run_programme

    folder = Path("材料")
    settings = load_settings(folder / "programme.toml", today=date.today())
    report = run_programme(folder, Path("结果"), settings)

What is not named in ``__all__`` may change without notice. Names are loaded when first used, so that reading one
vocabulary does not load the solvers.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yingcheng.checking import check_files
    from yingcheng.errors import InputError, MissingExtra, YingchengError
    from yingcheng.findings import Finding, Place, Severity
    from yingcheng.intake import Intake, read_files, read_folder
    from yingcheng.programme import RunReport, compute, run_programme
    from yingcheng.publish.records import Results
    from yingcheng.settings import Settings, load_settings

__all__ = [
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

_HOMES = {
    "yingcheng.errors": ("InputError", "MissingExtra", "YingchengError"),
    "yingcheng.findings": ("Finding", "Place", "Severity"),
    "yingcheng.intake": ("Intake", "read_files", "read_folder"),
    "yingcheng.checking": ("check_files",),
    "yingcheng.programme": ("RunReport", "compute", "run_programme"),
    "yingcheng.publish.records": ("Results",),
    "yingcheng.settings": ("Settings", "load_settings"),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module 'yingcheng' has no attribute {name!r}")
