"""The web: people, permissions, an audit trail and a database around the engine. One Django app, a folder per step.

It stores, shows, asks and records; what can be computed, the engine computes.
"""
