"""③ 出台一套制度创新举措: whom each measure really reaches, in three values and with a trace."""

from __future__ import annotations

from yingcheng.measures.checks import check_rules
from yingcheng.measures.reach import Reach, assess

__all__ = ["Reach", "assess", "check_rules"]
