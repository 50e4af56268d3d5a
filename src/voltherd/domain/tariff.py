"""Tariffs and cost on the station: what drivers are shown, and what a session comes to (functional block I)."""

from voltherd.domain.commands import Command
from voltherd.domain.document import Document

COMMANDS: tuple[type[Command], ...] = ()
DOCUMENTS: tuple[type[Document], ...] = ()
