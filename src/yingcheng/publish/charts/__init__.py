"""Charts of the six steps: one shared style, drawn once, the same in page, paper and Word.

Each chart is called with the records it shows and returns an SVG text; its ``picture`` adds the title and a sentence
for those who cannot see it. One module per step, over :mod:`.drawing` (the style) and :mod:`.labels` (names at points).
There is no boundary map.
"""

from yingcheng.publish.charts.capabilities import capability_heatmap, demand_and_supply, matrix_levels
from yingcheng.publish.charts.city import decimals, gaps, obstacles, quadrant, subsystem_levels
from yingcheng.publish.charts.drawing import Chart, Gallery, Picture, available, cut_text, text_width
from yingcheng.publish.charts.matchmaking import candidate_scores, timetable_occupancy
from yingcheng.publish.charts.measures import measure_verdicts
from yingcheng.publish.charts.opportunities import opportunities_by_department, opportunities_by_track
from yingcheng.publish.charts.projects import funnel
from yingcheng.publish.charts.tiles import city_tiles
from yingcheng.publish.charts.tracks import industry_scatter, track_table

__all__ = [
    "Chart",
    "Gallery",
    "Picture",
    "available",
    "candidate_scores",
    "capability_heatmap",
    "city_tiles",
    "cut_text",
    "decimals",
    "demand_and_supply",
    "funnel",
    "gaps",
    "industry_scatter",
    "matrix_levels",
    "measure_verdicts",
    "obstacles",
    "opportunities_by_department",
    "opportunities_by_track",
    "quadrant",
    "subsystem_levels",
    "text_width",
    "timetable_occupancy",
    "track_table",
]
