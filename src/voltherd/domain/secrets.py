"""Passwords that travel in messages and commands: whoever reads a log or a record does not read them."""

import re

_SECRET_NAMES = re.compile("AuthorizationKey|BasicAuthPassword", re.IGNORECASE)
"""The key of 1.6 and the variable of 2.x; names are case-insensitive."""
_VALUE = re.compile(r'("(?:value|attributeValue)"\s*:\s*)"(?:[^"\\]|\\.)*"')
_PROFILE = ("SetNetworkProfile", "connectionData", "csms_url")
"""One of these stands in whatever holds a network profile."""
_PROFILE_SECRETS = re.compile(
    r'("(?:basicAuthPassword|basic_auth_password|password|apnPassword|key|simPin|sim_pin)"\s*:\s*)'
    r'(?:"(?:[^"\\]|\\.)*"|\d+)'
)

PIN = "KeyCode"
_PIN_TOKEN = re.compile(r'\{[^{}]*"type"\s*:\s*"KeyCode"[^{}]*\}')
_TOKEN_VALUE = re.compile(r'("(?:idToken|additionalIdToken)"\s*:\s*)"(?:[^"\\]|\\.)*"')


def without_pins(text: str) -> str:
    """Give a frame of 2.x with the tokens of type KeyCode replaced: PINs appear in no log (C04.FR.04).

    Where such a token holds more than text and type, every token of the frame is replaced.
    """
    if PIN not in text:
        return text
    found, count = _PIN_TOKEN.subn(lambda match: _TOKEN_VALUE.sub(r'\1"***"', match[0]), text)
    return found if count == text.count(f'"{PIN}"') else _TOKEN_VALUE.sub(r'\1"***"', text)


def masked(text: str) -> str:
    """Give JSON text with the values beside the name of a secret variable replaced (OCPP 2.0.1 A01.FR.09).

    So are the passwords, keys and PINs of network profiles (B09).
    """
    if _SECRET_NAMES.search(text):
        text = _VALUE.sub(r'\1"***"', text)
    if any(name in text for name in _PROFILE):
        text = _PROFILE_SECRETS.sub(r'\1"***"', text)
    return text
