"""The case library: which cases resemble an opportunity, and what a case still lacks."""

from yingcheng.cases.records import Case, SimilarCase
from yingcheng.cases.similar import completeness, find_similar

__all__ = ["Case", "SimilarCase", "completeness", "find_similar"]
