"""News within one process."""

import asyncio

from voltherd.bus.local import LocalNews
from voltherd.services.ports import Change, News


def change(key: str) -> Change:
    return Change(topic="station", tenant_id=1, identity=key, key=key)


async def test_every_subscriber_gets_every_change_in_order() -> None:
    news: News = LocalNews()
    first, second = news.subscribe(), news.subscribe()
    for key in "abc":
        news.publish(change(key))
    for subscription in (first, second):
        assert [(await anext(subscription)).key for _ in range(3)] == ["a", "b", "c"]


async def test_a_subscriber_hears_only_what_comes_after_it_subscribed() -> None:
    news = LocalNews()
    news.publish(change("before"))
    subscription = news.subscribe()
    news.publish(change("after"))
    assert (await anext(subscription)).key == "after"


async def test_a_waiting_subscriber_is_woken() -> None:
    news = LocalNews()
    waiting = asyncio.ensure_future(anext(news.subscribe()))
    await asyncio.sleep(0)
    assert not waiting.done()
    news.publish(change("a"))
    assert (await asyncio.wait_for(waiting, 1)).key == "a"


async def test_a_subscriber_too_far_behind_is_ended_and_the_others_go_on() -> None:
    news = LocalNews()
    slow, quick = news.subscribe(limit=2), news.subscribe(limit=10)
    for key in "abc":
        news.publish(change(key))
    assert [found.key async for found in slow] == []
    assert slow.overrun
    assert (await anext(quick)).key == "a"
    assert news.subscribers == 1


async def test_a_closed_subscription_gives_what_waits_and_ends() -> None:
    news = LocalNews()
    subscription = news.subscribe()
    news.publish(change("a"))
    subscription.close()
    news.publish(change("b"))
    assert [found.key async for found in subscription] == ["a"]
    assert not subscription.overrun


async def test_a_cancelled_wait_loses_nothing() -> None:
    news = LocalNews()
    subscription = news.subscribe()
    waiting = asyncio.ensure_future(anext(subscription))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    news.publish(change("a"))
    assert (await anext(subscription)).key == "a"
