"""Stations against a CSMS we did not write."""

import pytest

from support.foreign_csms import foreign_csms
from voltherd.ocpp.version import OcppVersion


@pytest.fixture
async def csms():
    async with foreign_csms() as server:
        yield server


@pytest.fixture(params=[OcppVersion.V16, OcppVersion.V201])
def version(request):
    return request.param
