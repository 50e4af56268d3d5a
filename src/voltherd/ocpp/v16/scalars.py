"""Texts and numbers with bounds, as messages of OCPP 1.6 use them."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from typing import Annotated

from msgspec import Meta

Text20 = Annotated[str, Meta(max_length=20)]
Text25 = Annotated[str, Meta(max_length=25)]
Text40 = Annotated[str, Meta(max_length=40)]
Text50 = Annotated[str, Meta(max_length=50)]
Text128 = Annotated[str, Meta(max_length=128)]
Text255 = Annotated[str, Meta(max_length=255)]
Text500 = Annotated[str, Meta(max_length=500)]
Text512 = Annotated[str, Meta(max_length=512)]
Text800 = Annotated[str, Meta(max_length=800)]
Text5500 = Annotated[str, Meta(max_length=5500)]
Text10000 = Annotated[str, Meta(max_length=10000)]
