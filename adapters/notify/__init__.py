"""Channels by which notices reach people."""
