"""How a case says which payload it wants."""

import json
from typing import Any


def fits(found: Any, wanted: Any) -> bool:
    """Whether a value is as wanted: equal, or with all of a dict, one of a set, `...` there, None absent, or so judged.

    Each entry of a list wanted fits some entry of the list found.
    """
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(_has(found, name, value) for name, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and all(any(fits(entry, value) for entry in found) for value in wanted)
    if isinstance(wanted, set | frozenset):
        return found in wanted
    return bool(wanted(found)) if callable(wanted) else bool(found == wanted)


def _has(found: dict[str, Any], name: str, wanted: Any) -> bool:
    if wanted is None or (isinstance(wanted, set | frozenset) and None in wanted and name not in found):
        return name not in found
    if wanted is ...:
        return name in found
    return name in found and fits(found[name], wanted)


def told(wanted: Any) -> str:
    """The wish in words."""
    return json.dumps(wanted, default=lambda value: sorted(map(str, value)) if isinstance(value, set) else str(value))
