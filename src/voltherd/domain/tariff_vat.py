"""VAT numbers: what they look like, by country (OCPP 2.1 C18.FR.09). Whether one is in use only a register can say."""

import re
from typing import Final, Literal

_FORMS: Final = {
    "AT": r"U\d{8}",
    "BE": r"[01]\d{9}",
    "BG": r"\d{9,10}",
    "CH": r"E\d{9}(MWST|TVA|IVA)?",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"\d{9}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "EL": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"\d{8}",
    "FR": r"[A-HJ-NP-Z0-9]{2}\d{9}",
    "GB": r"(\d{9}|\d{12}|GD\d{3}|HA\d{3})",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"(\d{7}[A-W][A-I]?|\d[A-Z+*]\d{5}[A-W])",
    "IT": r"\d{11}",
    "LT": r"(\d{9}|\d{12})",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"\d{9}B\d{2}",
    "NO": r"\d{9}(MVA)?",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{10}01",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
    "XI": r"(\d{9}|\d{12}|GD\d{3}|HA\d{3})",
}
_NOISE: Final = re.compile(r"[\s.\-/]")
Form = Literal["right", "wrong", "unknown-country"]


def form_of(vat_number: str) -> Form:
    """Say whether a number has the form of the country that it begins with; blanks, dots and hyphens do not count."""
    plain = _NOISE.sub("", vat_number).upper()
    country = "EL" if plain[:2] == "GR" else plain[:2]
    form = _FORMS.get(country)
    if form is None:
        return "unknown-country"
    return "right" if re.fullmatch(form, plain[2:], re.ASCII) else "wrong"
