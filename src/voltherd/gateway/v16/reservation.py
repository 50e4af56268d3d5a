"""Reservations in OCPP 1.6."""
