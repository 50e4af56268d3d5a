"""Passwords that travel in messages and commands: whoever reads a log or a record does not read them."""

import re

_KEY_16, _VARIABLE_2 = "AuthorizationKey", "BasicAuthPassword"
_VALUE = re.compile(r'("(?:value|attributeValue)"\s*:\s*)"(?:[^"\\]|\\.)*"')


def masked(text: str) -> str:
    """Give JSON text with the values beside the name of a secret variable replaced (OCPP 2.0.1 A01.FR.09)."""
    if _KEY_16 in text or _VARIABLE_2 in text:
        return _VALUE.sub(r'\1"***"', text)
    return text
