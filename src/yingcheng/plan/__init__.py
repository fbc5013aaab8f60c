"""① The top-level plan: how a city stands, what holds it back, which tracks to focus on."""

from yingcheng.plan.planning import make_plan
from yingcheng.plan.tracks import TrackSupport

__all__ = ["TrackSupport", "make_plan"]
