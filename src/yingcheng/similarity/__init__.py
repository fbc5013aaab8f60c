"""Which texts resemble each other, and by which words: one index for near-duplicates ②, candidates ⑤ and cases.

Chinese needs no dictionary for this: runs of one and two characters carry the terms.
"""

from yingcheng.similarity.grams import normal_text
from yingcheng.similarity.index import Hits, Lengths, Match, Query, Segment, TextIndex
from yingcheng.similarity.words import common_words, is_faint, is_generic

__all__ = [
    "Hits",
    "Lengths",
    "Match",
    "Query",
    "Segment",
    "TextIndex",
    "common_words",
    "is_faint",
    "is_generic",
    "normal_text",
]
