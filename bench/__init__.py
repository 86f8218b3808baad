"""Measurements of what the README and the decision records claim; medians, side by side."""
