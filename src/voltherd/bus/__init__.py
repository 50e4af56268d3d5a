"""News: who wants to know hears of committed changes."""
