"""The bad network: what each mode of the proxy does to questions and answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from steps.endurance.proxy import Proxy

SOON, LATE = 0.3, 10.0


@asynccontextmanager
async def proxied() -> AsyncIterator[tuple[Proxy, list[bytes]]]:
    """A server behind a proxy; it answers each line, and keeps what it got."""
    got: list[bytes] = []

    served: list[asyncio.Task[object] | None] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.current_task())
        with suppress(OSError):
            while line := await reader.readline():
                got.append(line)
                writer.write(b"answer " + line)
        await end(writer)

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    proxy = Proxy("127.0.0.1", server.sockets[0].getsockname()[1])
    await proxy.start()
    try:
        yield proxy, got
    finally:
        await proxy.close()
        server.close()
        await asyncio.gather(*filter(None, served))


async def end(writer: asyncio.StreamWriter) -> None:
    """Close a connection, however the other side has left it."""
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def ask(proxy: Proxy, line: bytes, seconds: float = LATE) -> bytes | None:
    """Return the answer; empty when the connection ended, None when nothing came in time."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        async with asyncio.timeout(seconds):
            writer.write(line)
            return await reader.readline()
    except TimeoutError:
        return None
    except OSError:
        return b""
    finally:
        await end(writer)


def play(scene: Callable[[Proxy, list[bytes]], Awaitable[None]]) -> None:
    async def run() -> None:
        async with proxied() as (proxy, got):
            await scene(proxy, got)
            # Whatever the mode did, the network is well after it.
            assert await ask(proxy, b"after\n") == b"answer after\n"

    asyncio.run(run())


def test_a_cut_answer_was_asked_and_a_cut_question_was_not() -> None:
    async def scene(proxy: Proxy, got: list[bytes]) -> None:
        async with proxy.cutting("answers", 1.0):
            assert await ask(proxy, b"one\n") == b""
        assert got == [b"one\n"]
        async with proxy.cutting("questions", 1.0):
            assert await ask(proxy, b"two\n") == b""
        assert got == [b"one\n"]
        assert proxy.cuts == 2

    play(scene)


def test_a_silent_network_delivers_afterwards() -> None:
    async def scene(proxy: Proxy, got: list[bytes]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"first\n")
        assert await reader.readline() == b"answer first\n"
        async with proxy.silent():
            writer.write(b"second\n")
            assert await ask(proxy, b"third\n", SOON) is None
            assert got == [b"first\n"]
        async with asyncio.timeout(LATE):
            assert await reader.readline() == b"answer second\n"
        await end(writer)

    play(scene)


def test_a_delay_keeps_the_order_also_when_it_ends() -> None:
    async def scene(proxy: Proxy, got: list[bytes]) -> None:
        loop = asyncio.get_running_loop()
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        async with proxy.delaying(SOON):
            begun = loop.time()
            writer.write(b"first\n")
            await asyncio.sleep(SOON / 3)  # the first question is under way, not yet there
        writer.write(b"second\n")
        async with asyncio.timeout(LATE):
            assert await reader.readline() == b"answer first\n"
            assert loop.time() - begun >= SOON
            assert await reader.readline() == b"answer second\n"
        assert got == [b"first\n", b"second\n"]
        await end(writer)

    play(scene)


def test_an_end_reaches_the_other_side() -> None:
    async def scene(proxy: Proxy, got: list[bytes]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"one\n")
        await reader.readline()
        proxy.cut_all()
        async with asyncio.timeout(LATE):
            with suppress(ConnectionError):
                assert await reader.readline() == b""
        assert got == [b"one\n"]
        await end(writer)

    play(scene)
