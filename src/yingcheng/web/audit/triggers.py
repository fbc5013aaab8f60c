"""The database itself refuses to change or remove audit rows."""

from __future__ import annotations

from typing import Any

__all__ = ["install", "remove"]

_TABLE = "web_entry"
_SAYS = "audit entries are never changed or removed"
_SQLITE = tuple(
    f"CREATE TRIGGER {_TABLE}_no_{verb.lower()} BEFORE {verb} ON {_TABLE} BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END"
    for verb in ("UPDATE", "DELETE")
)
# A replacing INSERT would delete without telling the DELETE trigger; the sequence must go on where it ended.
_SQLITE_REPLACE = (
    f"CREATE TRIGGER {_TABLE}_no_replace BEFORE INSERT ON {_TABLE} "  # noqa: S608  # both names are ours
    f"WHEN EXISTS (SELECT 1 FROM {_TABLE} WHERE sequence >= NEW.sequence) BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END"
)
_REFUSE = (
    f"CREATE OR REPLACE FUNCTION {_TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_SAYS}'; END $$"
)
_NO_CHANGE = (
    f"CREATE TRIGGER {_TABLE}_no_change BEFORE UPDATE OR DELETE ON {_TABLE} "
    f"FOR EACH ROW EXECUTE FUNCTION {_TABLE}_refuse()"
)
_NO_TRUNCATE = (
    f"CREATE TRIGGER {_TABLE}_no_truncate BEFORE TRUNCATE ON {_TABLE} "
    f"FOR EACH STATEMENT EXECUTE FUNCTION {_TABLE}_refuse()"
)
_POSTGRESQL = (_REFUSE, _NO_CHANGE, _NO_TRUNCATE)
_NAMES = {"postgresql": ("no_change", "no_truncate"), "sqlite": ("no_update", "no_delete", "no_replace")}


def install(connection: Any) -> None:
    """Create the triggers."""
    statements = _POSTGRESQL if connection.vendor == "postgresql" else (*_SQLITE, _SQLITE_REPLACE)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def remove(connection: Any) -> None:
    """Drop the triggers; only a reversed migration and the emptying of a test database do this."""
    names = _NAMES[connection.vendor]
    on = f" ON {_TABLE}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"DROP TRIGGER IF EXISTS {_TABLE}_{name}{on}")
