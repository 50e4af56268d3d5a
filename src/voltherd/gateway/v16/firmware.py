"""Firmware updates in OCPP 1.6."""
