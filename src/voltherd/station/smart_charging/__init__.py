"""Smart charging: profiles, what they come to, and keeping to it (OCPP 2.x block K; OCPP 1.6, 3.13 and 5.16)."""
