"""Local authorisation lists in OCPP 1.6."""
