"""`/csrs/{id}/chain` and the documents of certificates."""

import httpx
import msgspec
import pytest

from support.pki import Ca, pem, request
from voltherd.domain.certificate import CertificateSigned, Csr
from voltherd.domain.certificate_reading import read_csr
from voltherd.domain.document import DocumentRecord

from .conftest import World

CSR_ID = 4711


async def keep(world: World, csr: str, state: str = "pending", **fields: object) -> str:
    """Keep a station's request as a handler does; gives its path."""
    station = world.api.stations.require("CP-1")
    document = Csr(state=state, csr=csr, fingerprint="f", **fields)  # type: ignore[arg-type]
    record = DocumentRecord(
        station_id=station.id,
        kind=Csr.kind,
        key=document.key,
        id=CSR_ID,
        evse_no=0,
        state=state,
        data=msgspec.json.encode(document).decode(),
        created_ms=1,
        changed_ms=1,
    )
    await world.store.journal.committed([record])
    return f"/csrs/{CSR_ID}"


@pytest.fixture
async def station(world: World, client: httpx.AsyncClient) -> None:
    assert (await client.put("/stations/CP-1", json={})).status_code == 201


@pytest.mark.usefixtures("station")
async def test_a_chain_goes_to_the_station_as_a_command(world: World, client: httpx.AsyncClient) -> None:
    world.link.connect("CP-1")
    csr, _ = request("CP-1")
    path = await keep(world, csr, certificate_type="V2GCertificate", request_id=7)
    shown = (await client.get(path)).json()
    assert (shown["status"], shown["station_id"], shown["request_id"]) == ("pending", "CP-1", 7)
    chain = Ca().sign(csr)
    answer = await client.post(f"{path}/chain?wait=true", json={"certificate_chain": chain})
    assert (answer.status_code, answer.json()["state"]) == (200, "effect_seen")
    command = CertificateSigned(certificate_chain=chain, certificate_type="V2GCertificate", request_id=7)
    assert world.link.seen == [("CP-1", "certificate-signed", command)]


@pytest.mark.usefixtures("station")
async def test_a_station_without_a_connection_gets_it_later(world: World, client: httpx.AsyncClient) -> None:
    csr, _ = request("CP-1")
    path = await keep(world, csr)
    answer = await client.post(f"{path}/chain", json={"certificate_chain": Ca().sign(csr)})
    assert answer.status_code == 202
    record = (await client.get(f"/commands/{answer.json()['command_id']}")).json()
    assert (record["name"], record["state"]) == ("certificate-signed", "queued")


@pytest.mark.usefixtures("station")
async def test_what_does_not_answer_the_request_is_not_sent(world: World, client: httpx.AsyncClient) -> None:
    csr, _ = request("CP-1")
    path, ca = await keep(world, csr), Ca()
    leaf = pem(ca.issue("CP-1"))
    strangers = ca.sign(csr).replace(pem(ca.certificate), pem(Ca("Stranger").certificate))
    for chain, words in ((leaf, "not for the key"), ("nonsense", "cannot be read"), (strangers, "was not signed by")):
        answer = await client.post(f"{path}/chain", json={"certificate_chain": chain})
        assert (answer.status_code, words in answer.json()["detail"]) == (422, True), answer.json()
    assert (await client.post("/csrs/5/chain", json={"certificate_chain": leaf})).status_code == 404
    assert world.link.seen == []


@pytest.mark.usefixtures("station")
async def test_a_request_that_is_not_valid_cannot_be_answered(world: World, client: httpx.AsyncClient) -> None:
    path = await keep(world, "nonsense", "rejected", reason="it cannot be read")
    answer = await client.post(f"{path}/chain", json={"certificate_chain": pem(Ca().certificate)})
    assert (answer.status_code, "cannot be read" in answer.json()["detail"]) == (409, True)


def test_the_fingerprint_is_that_of_the_request_not_of_its_text() -> None:
    csr, _ = request("CP-1")
    assert read_csr(csr).fingerprint == read_csr(csr.replace("\n", "\r\n")).fingerprint
