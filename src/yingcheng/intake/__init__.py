"""Opens any file offices send, finds the tables, understands their headers, reads their rows.

:func:`read_folder` is the way in. Every row is either taken into a record or refused with a finding; every finding
names file, sheet and cell, what was found, what was expected and what to do.
"""

from yingcheng.intake.folder import Intake, Progress, is_input, read_files, read_folder, read_sheets, shown_name
from yingcheng.intake.readers.drafts import open_draft

__all__ = ["Intake", "Progress", "is_input", "open_draft", "read_files", "read_folder", "read_sheets", "shown_name"]
