"""Display messages: what the API offers beyond commands and documents."""

from typing import Any

HANDLERS: list[Any] = []
