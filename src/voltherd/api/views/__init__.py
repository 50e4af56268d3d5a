"""The JSON of the REST contract: one file per noun, made from records."""
