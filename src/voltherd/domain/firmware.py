"""Firmware: updates and publications and how far they have come (functional block L)."""

from voltherd.domain.commands import Command
from voltherd.domain.document import Document

COMMANDS: tuple[type[Command], ...] = ()
DOCUMENTS: tuple[type[Document], ...] = ()
