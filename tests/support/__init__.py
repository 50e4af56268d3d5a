"""What tests of the whole share: a real server process, and an API client for it."""
