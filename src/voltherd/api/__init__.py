"""REST for operators and programs, the live stream, and the built dashboard; `create.create_api` makes it."""
