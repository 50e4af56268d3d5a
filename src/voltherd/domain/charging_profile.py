"""Charging profiles: limits over time, who set them and where they are in force (functional block K)."""

from voltherd.domain.commands import Command
from voltherd.domain.document import Document

COMMANDS: tuple[type[Command], ...] = ()
DOCUMENTS: tuple[type[Document], ...] = ()
