"""How a test says which certification case it is."""

import pytest


def case(case_id: str, title: str, *, version: str, block: str = "") -> pytest.MarkDecorator:
    """Mark a test as a certification case; `title` in our own words. In 2.x the block follows from the id's letter."""
    return pytest.mark.case(id=case_id, title=title, version=version, block=block)
