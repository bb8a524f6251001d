"""Whole texts, compared exactly."""
