"""The schema's history, applied by Alembic when the store opens."""

HEAD = "0007"
"""Revision that this code works with; a test holds it against the newest file in `versions`."""
