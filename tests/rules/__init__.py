"""Tests of the pure half: exposure, rule and plan."""
