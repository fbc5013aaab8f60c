"""① The top-level plan: how a city stands, what holds it back, which tracks to focus on."""

from yingcheng.plan.planning import make_plan
from yingcheng.plan.records import Diagnosis, IndicatorValue, Plan, TrackSupport

__all__ = ["Diagnosis", "IndicatorValue", "Plan", "TrackSupport", "make_plan"]
