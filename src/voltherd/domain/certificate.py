"""Certificates: what a station has installed, asks to be signed, or wants checked (functional block M)."""

from voltherd.domain.commands import Command
from voltherd.domain.document import Document

COMMANDS: tuple[type[Command], ...] = ()
DOCUMENTS: tuple[type[Document], ...] = ()
