"""Reading the official JSON schemas and writing the wire types of `voltherd.ocpp`."""
