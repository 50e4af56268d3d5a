"""Local authorisation lists: which tokens a station accepts while offline (functional block D)."""

from voltherd.domain.commands import Command
from voltherd.domain.document import Document

COMMANDS: tuple[type[Command], ...] = ()
DOCUMENTS: tuple[type[Document], ...] = ()
