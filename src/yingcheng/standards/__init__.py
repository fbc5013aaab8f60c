"""Vocabularies and checks every other room speaks: text, names, codes, amounts, dates, regions, tracks, stages.

Nothing in here raises on what a cell may hold: a reading that is not certain says so and keeps the original text.
"""
