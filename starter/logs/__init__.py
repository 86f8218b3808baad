"""Recorded event logs: read, mapped to acts, and run through the same workflows as live work."""
