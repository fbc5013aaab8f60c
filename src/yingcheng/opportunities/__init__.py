"""② 发布一个场景机会清单: collect, check and publish the list of scenario opportunities."""

from yingcheng.opportunities.duplicates import find_duplicates
from yingcheng.opportunities.records import (
    Contact,
    DuplicateGroup,
    Opportunity,
    OpportunityList,
    Review,
    TrackSuggestion,
)
from yingcheng.opportunities.review import completeness, review_findings, review_list

__all__ = [
    "Contact",
    "DuplicateGroup",
    "Opportunity",
    "OpportunityList",
    "Review",
    "TrackSuggestion",
    "completeness",
    "find_duplicates",
    "review_findings",
    "review_list",
]
