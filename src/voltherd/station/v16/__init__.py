"""OCPP 1.6 as a station speaks it: one file per noun."""
