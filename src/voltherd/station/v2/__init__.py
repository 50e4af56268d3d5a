"""OCPP 2.0.1 and 2.1 as a station speaks them: one file per noun."""
