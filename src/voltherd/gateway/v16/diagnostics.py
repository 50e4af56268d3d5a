"""Logs and other diagnostics in OCPP 1.6."""
