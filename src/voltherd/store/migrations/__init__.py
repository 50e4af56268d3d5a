"""The schema's history, applied by Alembic when the store opens."""

HEAD = "0006"
"""Revision that this code works with; a test holds it against the newest file in `versions`."""
