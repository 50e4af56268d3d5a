"""Users, sessions and keys, on the real store."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from voltherd.domain.errors import Conflict, Denied, Invalid, NotFound
from voltherd.domain.ids import IdSource
from voltherd.services.access import ENVIRONMENT_KEY, Access
from voltherd.services.passwords import Brake, TooManyAttempts
from voltherd.store import Store, open_store

SECRET = b"0123456789abcdef"
PASSWORD = "correct horse"


class Clock:
    def __init__(self) -> None:
        self.now_ms = 1_800_000_000_000

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(tmp_path: Path, clock: Clock) -> AsyncIterator[Store]:
    opened = await open_store(f"sqlite:///{tmp_path}/voltherd.db", durability="none", clock_ms=clock)
    yield opened
    await opened.close()


async def start(store: Store, clock: Clock, secret: bytes = SECRET) -> Access:
    """Do what a new process does."""
    access = Access(store.records, store.journal, ids=IdSource(clock), clock_ms=clock, secret=secret)
    await access.load()
    return access


@pytest.fixture
async def access(store: Store, clock: Clock) -> Access:
    return await start(store, clock)


# -- first start ------------------------------------------------------------------------------------------------------


async def test_the_setup_link_makes_one_administrator_once(access: Access) -> None:
    token = access.setup_link_token()
    assert token is not None
    assert access.setup_link_token() == token
    session = await access.setup(token, "anna", PASSWORD)
    assert (session.caller.name, session.caller.role) == ("anna", "admin")
    assert access.setup_link_token() is None
    with pytest.raises(Denied):
        await access.setup(token, "eve", PASSWORD)


async def test_a_wrong_setup_token_makes_nobody(access: Access) -> None:
    access.setup_link_token()
    for wrong in ("", "guess", "gueß"):
        with pytest.raises(Denied):
            await access.setup(wrong, "eve", PASSWORD)
    assert access.users() == []


async def test_setup_at_the_same_time_makes_one_administrator(access: Access) -> None:
    token = access.setup_link_token() or ""
    found = await asyncio.gather(
        *(access.setup(token, name, PASSWORD) for name in ("anna", "eve")), return_exceptions=True
    )
    assert sum(isinstance(item, Denied) for item in found) == 1
    assert len(access.users()) == 1


async def test_a_short_password_is_refused_and_the_link_still_works(access: Access) -> None:
    token = access.setup_link_token() or ""
    with pytest.raises(Invalid, match="10 to 1024 characters; this one has 5"):
        await access.setup(token, "anna", "short")
    await access.setup(token, "anna", PASSWORD)


async def test_the_environment_sets_administrator_and_key(store: Store, access: Access, clock: Clock) -> None:
    await access.bootstrap(PASSWORD, "key-from-the-environment")
    assert access.setup_link_token() is None
    assert (await access.login("admin", PASSWORD, "peer")).caller.role == "admin"
    caller = access.verify("key-from-the-environment")
    assert caller is not None
    assert (caller.role, caller.name) == ("admin", ENVIRONMENT_KEY)
    again = await start(store, clock)
    await again.bootstrap("another password", "another key")
    assert again.verify("key-from-the-environment") is None
    assert again.verify("another key") is not None
    assert len(again.keys()) == 1
    with pytest.raises(Denied):
        await again.login("admin", PASSWORD, "peer")
    await again.login("admin", "another password", "peer")
    await again.bootstrap(None, None)
    assert again.verify("another key") is None


async def test_a_bad_password_or_blank_key_in_the_environment_is_refused(access: Access) -> None:
    with pytest.raises(Invalid):
        await access.bootstrap("short", None)
    with pytest.raises(Invalid, match=ENVIRONMENT_KEY):
        await access.bootstrap(None, "  ")


# -- sessions ---------------------------------------------------------------------------------------------------------


async def test_a_session_ends_after_twelve_hours_and_outlives_a_restart(
    store: Store, access: Access, clock: Clock
) -> None:
    await access.add_user("anna", PASSWORD, "operator", who="test")
    session = await access.login(" ANNA ", PASSWORD, "peer")
    clock.now_ms += 12 * 3_600_000 - 1
    again = await start(store, clock)
    assert again.verify(session.token) == session.caller
    clock.now_ms += 1
    assert again.verify(session.token) is None


async def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(access: Access) -> None:
    await access.add_user("anna", PASSWORD, "operator", who="test")
    words = []
    for name, password in (("anna", "not it at all"), ("nobody", PASSWORD)):
        with pytest.raises(Denied) as refused:
            await access.login(name, password, "peer")
        words.append(str(refused.value))
    assert words[0] == words[1]


async def test_logging_out_ends_the_session(store: Store, access: Access, clock: Clock) -> None:
    await access.add_user("anna", PASSWORD, "operator", who="test")
    session = await access.login("anna", PASSWORD, "peer")
    await access.logout(session.caller)
    assert access.verify(session.token) is None
    assert (await start(store, clock)).verify(session.token) is None


async def test_ended_sessions_are_cleared_at_the_next_sign_in(store: Store, access: Access, clock: Clock) -> None:
    await access.add_user("anna", PASSWORD, "operator", who="test")
    await access.login("anna", PASSWORD, "peer")
    clock.now_ms += 13 * 3_600_000
    await access.login("anna", PASSWORD, "peer")
    clock.now_ms -= 13 * 3_600_000
    assert len(await store.records.api_keys()) == 1


async def test_attempts_are_slowed_and_nothing_is_locked(access: Access, clock: Clock) -> None:
    await access.add_user("anna", PASSWORD, "operator", who="test")
    brake = Brake(clock)
    waits = [brake.wait_ms("eve anna", free=4) for _ in range(6)]
    assert waits == [0, 0, 0, 0, 500, 1500]
    with pytest.raises(TooManyAttempts) as refused:
        _ = [brake.wait_ms("eve anna", free=4) for _ in range(20)]
    assert 0 < refused.value.retry_after_s <= 60
    clock.now_ms += 61_000
    assert brake.wait_ms("eve anna", free=4) == 0
    assert brake.wait_ms("home anna", free=4) == 0
    brake.release("eve anna")
    assert [brake.wait_ms("eve anna", free=4) for _ in range(4)] == [0, 0, 0, 0]


async def test_attempts_at_the_same_time_do_not_slip_through(access: Access) -> None:
    await access.add_user("anna", PASSWORD, "operator", who="test")
    tries = [asyncio.ensure_future(access.login("anna", f"guess number {n}", "peer")) for n in range(30)]
    await asyncio.wait(tries, timeout=0.4)
    judged = [one for one in tries if one.done() and not isinstance(one.exception(), TooManyAttempts)]
    assert len(judged) <= 4
    for one in tries:
        one.cancel()
    await asyncio.gather(*tries, return_exceptions=True)


# -- users ------------------------------------------------------------------------------------------------------------


async def test_names_are_unique_whatever_their_case(access: Access) -> None:
    await access.add_user("Anna", PASSWORD, "operator", who="test")
    with pytest.raises(Conflict):
        await access.add_user("anna ", PASSWORD, "viewer", who="test")
    for name in ("", "   ", "x" * 65, "a\nb"):
        with pytest.raises(Invalid):
            await access.add_user(name, PASSWORD, "viewer", who="test")


async def test_the_last_administrator_stays(access: Access) -> None:
    anna = await access.add_user("anna", PASSWORD, "admin", who="test")
    await access.add_user("otto", PASSWORD, "operator", who="test")
    with pytest.raises(Conflict):
        await access.remove_user(anna.id, who="test")
    with pytest.raises(Conflict):
        await access.change_user(anna.id, role="viewer", who="test")
    await access.add_user("berta", PASSWORD, "admin", who="test")
    await access.remove_user(anna.id, who="test")
    with pytest.raises(NotFound):
        access.user(anna.id)


async def test_a_changed_role_counts_at_once_for_open_sessions(access: Access) -> None:
    user = await access.add_user("otto", PASSWORD, "operator", who="test")
    session = await access.login("otto", PASSWORD, "peer")
    await access.change_user(user.id, role="viewer", who="test")
    caller = access.verify(session.token)
    assert caller is not None
    assert caller.role == "viewer"


async def test_a_new_password_ends_the_other_sessions(access: Access) -> None:
    await access.add_user("anna", PASSWORD, "admin", who="test")
    here, there = [await access.login("anna", PASSWORD, "peer") for _ in range(2)]
    with pytest.raises(Denied) as refused:
        await access.change_password(here.caller, "not the password", "a new password")
    assert refused.value.signed_in
    await access.change_password(here.caller, PASSWORD, "a new password")
    assert access.verify(here.token) is not None
    assert access.verify(there.token) is None
    await access.login("anna", "a new password", "peer")


async def test_removing_a_user_ends_their_sessions(store: Store, access: Access, clock: Clock) -> None:
    user = await access.add_user("otto", PASSWORD, "operator", who="test")
    session = await access.login("otto", PASSWORD, "peer")
    await access.remove_user(user.id, who="test")
    assert access.verify(session.token) is None
    assert (await start(store, clock)).verify(session.token) is None


# -- keys -------------------------------------------------------------------------------------------------------------


async def test_a_key_is_kept_as_a_keyed_hash_only(store: Store, access: Access, clock: Clock) -> None:
    key, text = await access.add_key("dashboard", "viewer", who="test")
    assert text.startswith("vh_")
    stored = (await store.records.api_keys())[0]
    assert text.encode() not in stored.key_hash
    assert len(stored.key_hash) == 32
    assert (await start(store, clock)).verify(text) is not None
    assert (await start(store, clock, b"another secret of the server")).verify(text) is None
    await access.remove_key(key.id, who="test")
    assert access.verify(text) is None


async def test_a_key_that_expires_stops_working(access: Access, clock: Clock) -> None:
    _, text = await access.add_key("guest", "viewer", who="test", expires_at_ms=clock.now_ms + 1000)
    assert access.verify(text) is not None
    clock.now_ms += 1000
    assert access.verify(text) is None
    assert access.keys() == []
    with pytest.raises(Invalid):
        await access.add_key("late", "viewer", who="test", expires_at_ms=clock.now_ms)


@pytest.mark.parametrize("text", ["", "x" * 600, "vh_", "\ud800", "vh_ünknown"])
async def test_nonsense_is_no_key(access: Access, text: str) -> None:
    assert access.verify(text) is None


async def test_keys_and_users_of_another_tenant_are_out_of_reach(access: Access) -> None:
    key, _ = await access.add_key("theirs", "admin", who="test", tenant_id=2)
    user = await access.add_user("their", PASSWORD, "admin", who="test", tenant_id=2)
    assert access.keys() == []
    assert access.users() == []
    for attempt in (
        access.remove_key(key.id, who="test"),
        access.remove_user(user.id, who="test"),
        access.change_user(user.id, role="viewer", who="test"),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_every_change_is_audited_without_secrets(store: Store, access: Access) -> None:
    user = await access.add_user("anna", PASSWORD, "admin", who="setup")
    key, text = await access.add_key("dashboard", "viewer", who="anna")
    await access.remove_key(key.id, who="anna")
    await access.change_user(user.id, password="yet another one", who="anna")
    entries = (await store.records.audit(1)).items
    assert [(entry.who, entry.what, entry.entity) for entry in reversed(entries)] == [
        ("setup", "create", "user anna"),
        ("anna", "create", "api-key dashboard"),
        ("anna", "delete", "api-key dashboard"),
        ("anna", "change the password of", "user anna"),
    ]
    assert not any(secret in str(entries) for secret in (PASSWORD, text, "yet another one"))
