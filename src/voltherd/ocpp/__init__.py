"""The wire: frames and typed messages of OCPP 1.6, 2.0.1 and 2.1; no I/O, no clock, no storage."""
