"""① The top-level plan: how a city stands, what holds it back, which tracks to focus on."""

from yingcheng.plan.packs import read_pack
from yingcheng.plan.planning import Rules, make_plan
from yingcheng.plan.records import Diagnosis, IndicatorValue, Override, Plan, SupportItem, TrackSupport
from yingcheng.plan.stage import load_stage_rule
from yingcheng.plan.tracks import load_tracks

__all__ = [
    "Diagnosis",
    "IndicatorValue",
    "Override",
    "Plan",
    "Rules",
    "SupportItem",
    "TrackSupport",
    "load_stage_rule",
    "load_tracks",
    "make_plan",
    "read_pack",
]
