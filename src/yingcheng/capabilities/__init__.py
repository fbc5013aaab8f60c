"""④ 匹配一个企业能力矩阵: enterprises × tracks × roles, each cell with its evidence."""

from yingcheng.capabilities.facts import enterprise_facts
from yingcheng.capabilities.matrix import LEVELS, UNSTATED_ROLE, build_matrix
from yingcheng.capabilities.records import Capability, Cell, Enterprise, Evidence, Matrix

__all__ = [
    "LEVELS",
    "UNSTATED_ROLE",
    "Capability",
    "Cell",
    "Enterprise",
    "Evidence",
    "Matrix",
    "build_matrix",
    "enterprise_facts",
]
