"""What can go wrong in the store, beyond `domain.errors.StoreUnavailable` (which passes by itself).

VoltherdError
├── StoreUnavailable      the database cannot be reached or written right now; retried
└── StoreError
    ├── CannotOpen        a setting or the place of the database is wrong; the text says what to do
    └── NotStorable       these records can never be stored as they are
"""

from voltherd.domain.errors import VoltherdError


class StoreError(VoltherdError):
    """Base of errors that do not pass by themselves."""

    title = "The store cannot do this"


class CannotOpen(StoreError):
    """The database cannot be opened; one line for the operator."""

    title = "The store cannot be opened"


class NotStorable(StoreError):
    """Records break a constraint or hold a value the database has no place for; the cause says which."""

    title = "These records cannot be stored"
