"""The script of the reading process: a request on standard input, a pickled answer on standard output.

The answer is an :class:`OpenedFile`, or (code, what, remedy) of a refusal. Exit code 1 is a bug of ours, 3 is memory.
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import sys
import types
from pathlib import Path

ENGINE = Path(__file__).resolve().parents[2]
OUT_OF_MEMORY = 3


def _bound(memory: int, seconds: float) -> None:
    """Ask the operating system to hold the ceiling. Windows has no such call: there the clock alone is the bound."""
    try:
        import resource  # noqa: PLC0415 - exists on POSIX only
    except ImportError:
        return
    ceilings = (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, int(seconds) + 5),  # outlives no parent that was killed
        (resource.RLIMIT_FSIZE, 0),  # a reader writes no file
        (resource.RLIMIT_CORE, 0),
    )
    for which, ceiling in ceilings:
        hard = resource.getrlimit(which)[1]
        allowed = ceiling if hard == resource.RLIM_INFINITY else min(ceiling, hard)
        try:
            resource.setrlimit(which, (allowed, hard if which == resource.RLIMIT_AS else allowed))
        except (ValueError, OSError):  # macOS refuses an address-space limit
            continue


def _light_packages() -> None:
    """Stand-ins for the two packages above this one, so that reading a file does not import the whole engine."""
    for package, folder in (("yingcheng", ENGINE), ("yingcheng.intake", ENGINE / "intake")):
        module = types.ModuleType(package)
        module.__path__ = [str(folder)]
        sys.modules[package] = module


def main() -> None:
    """Answer one request."""
    request = json.load(sys.stdin.buffer)
    sys.path[:] = [entry for entry in request["search"] if entry]
    _light_packages()
    from yingcheng.errors import UnreadableFile  # noqa: PLC0415
    from yingcheng.intake.limits import Limits  # noqa: PLC0415
    from yingcheng.intake.readers.content import read_content  # noqa: PLC0415

    gc.disable()  # millions of small values are made and none is thrown away
    limits = Limits(**request["limits"])
    _bound(limits.memory, limits.seconds)
    try:
        answer: object = read_content(Path(request["path"]), request["name"], limits)
    except UnreadableFile as refusal:
        answer = (refusal.code, refusal.what, refusal.remedy)
    with os.fdopen(os.dup(1), "wb") as out:
        pickle.dump(answer, out, protocol=5)


if __name__ == "__main__":
    try:
        main()
    except MemoryError:
        os.write(2, b"MemoryError\n")
        os._exit(OUT_OF_MEMORY)
