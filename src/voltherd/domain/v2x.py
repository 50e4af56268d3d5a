"""V2X: vehicles that feed energy back (functional block Q)."""

from voltherd.domain.commands import Command
from voltherd.domain.document import Document

COMMANDS: tuple[type[Command], ...] = ()
DOCUMENTS: tuple[type[Document], ...] = ()
