"""A thread that lasts as long as this process, for starting processes beside the load.

Linux sends a child its death signal when the thread ends that has started it, not only when the
whole process does. The threads of `asyncio.to_thread` end with each event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Value = TypeVar("Value")
THREAD = ThreadPoolExecutor(max_workers=1, thread_name_prefix="endurance-processes")


async def in_lasting_thread(function: Callable[[], Value]) -> Value:
    """Run something that starts a process, and wait for it without stopping the load."""
    return await asyncio.get_running_loop().run_in_executor(THREAD, function)
