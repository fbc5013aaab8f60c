"""A PostgreSQL server of the tests' own: in a temporary folder, reached by a socket only."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class PrivatePostgres:
    """A running server."""

    folder: Path
    binaries: Path
    user: str | None

    @property
    def url(self) -> str:
        return f"postgres://tests@/tests?host={self.folder}"

    @staticmethod
    def binaries_here() -> Path | None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parent.parent.name))
        named = shutil.which("initdb")
        return found[-1].parent if found else Path(named).parent if named else None

    @classmethod
    def start(cls) -> PrivatePostgres | None:
        """Start one; ``None`` where the machine has no server."""
        binaries = cls.binaries_here()
        if binaries is None:
            return None
        folder = Path(tempfile.mkdtemp(prefix="yc-pg-"))  # a socket's path must be short
        user = None
        if os.geteuid() == 0:  # PostgreSQL refuses root
            user = next(name for name in ("postgres", "nobody") if any(p.pw_name == name for p in pwd.getpwall()))
            shutil.chown(folder, user)
        server = cls(folder, binaries, user)
        server._run("initdb", "-D", str(folder / "data"), "-U", "tests", "-A", "trust", "--no-sync", "-E", "UTF8")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        server._run("pg_ctl", "-D", str(folder / "data"), "-w", "-l", str(folder / "log"), "-o", options, "start")
        server._run("createdb", "-h", str(folder), "-U", "tests", "tests")
        return server

    def stop(self) -> None:
        """End the server and forget it."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, name: str, *arguments: str) -> None:
        command = [str(self.binaries / name), *arguments]
        done = subprocess.run(
            command, user=self.user, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{name}: {done.stderr.decode()}")
