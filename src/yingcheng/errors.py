"""Every error this project raises on purpose.

::

    YingchengError                 everything below
    ├── InputError                 the user's file or setting is at fault: say what, where, what to do
    │   ├── UnreadableFile         one file is refused; the others go on
    │   ├── UnusableInput          nothing can be done with what was given (exit code 2)
    │   ├── SettingsError          programme.toml, mapping.toml or a formula file is wrong; lists all faults at once
    │   ├── Infeasible             the wishes contradict each other; names the smallest contradicting set
    │   └── WrongState             the thing is not in a state in which this can be done
    ├── NotFound                   no such thing, or none that this person may know of
    ├── NotAllowed                 the person sees the thing but lacks the right; says who can help
    ├── Conflict                   somebody else changed the thing meanwhile
    └── MissingExtra               an optional part is not installed; says which and how to install it

A bug of ours is none of these: it stays an ordinary Python exception and is never turned into a finding.
"""

from __future__ import annotations

__all__ = [
    "Conflict",
    "Infeasible",
    "InputError",
    "MissingExtra",
    "NotAllowed",
    "NotFound",
    "SettingsError",
    "UnreadableFile",
    "UnusableInput",
    "WrongState",
    "YingchengError",
]


class YingchengError(Exception):
    """Base of the tree.

    Attributes:
        code: stable machine-readable word, the same in the CLI, the pages and the API.
        what: what is wrong, one sentence for the user.
        where: file, sheet, cell or record it is about; empty where it is about nothing in particular.
        remedy: what the user can do about it.
    """

    code = "error"

    def __init__(self, what: str, *, where: str = "", remedy: str = "", code: str | None = None) -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        if code is not None:
            self.code = code
        super().__init__(str(self))

    def __str__(self) -> str:
        head = f"{self.where}：{self.what}" if self.where else self.what
        return f"{head} {self.remedy}" if self.remedy else head


class InputError(YingchengError):
    """The user's input is at fault."""

    code = "input"


class UnreadableFile(InputError):
    """A file cannot be opened or is not safe to open; it is refused alone."""

    code = "unreadable-file"


class UnusableInput(InputError):
    """Nothing at all can be done with the input."""

    code = "unusable-input"


class SettingsError(InputError):
    """A settings file is wrong. ``faults`` lists every fault found, not only the first."""

    code = "settings"

    def __init__(self, what: str, *, where: str = "", remedy: str = "", faults: tuple[str, ...] = ()) -> None:
        self.faults = faults
        super().__init__(what, where=where, remedy=remedy)

    def __str__(self) -> str:
        head = super().__str__()
        return "\n".join([head, *(f"  - {fault}" for fault in self.faults)])


class Infeasible(InputError):
    """Constraints contradict each other. ``core`` names the smallest set found, in the user's words."""

    code = "infeasible"

    def __init__(self, what: str, *, where: str = "", remedy: str = "", core: tuple[str, ...] = ()) -> None:
        self.core = core
        super().__init__(what, where=where, remedy=remedy)


class WrongState(InputError):
    """The thing is not in a state in which this can be done."""

    code = "wrong-state"


class NotFound(YingchengError):
    """No such thing, or none that this person may know of: the two are not told apart."""

    code = "not-found"


class NotAllowed(YingchengError):
    """The person may know of the thing but lacks the right."""

    code = "not-allowed"


class Conflict(YingchengError):
    """Somebody else changed the thing since it was looked at."""

    code = "conflict"


class MissingExtra(YingchengError):
    """An optional part of the installation is missing."""

    code = "missing-extra"

    def __init__(self, what: str, *, extra: str) -> None:
        self.extra = extra
        super().__init__(what, remedy=f"pip install 'yingcheng[{extra}]'  (pip install '.[{extra}]')")
