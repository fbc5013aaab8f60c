"""Fixtures shared with the promises."""

from web_fixtures import *  # noqa: F403
