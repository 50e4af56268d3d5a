"""Charging profiles in OCPP 1.6."""
