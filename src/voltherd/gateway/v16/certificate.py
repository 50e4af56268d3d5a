"""Certificates in OCPP 1.6."""
