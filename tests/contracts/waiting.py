"""A model that is asked and says nothing, for tests of what is cancelled meanwhile."""

import asyncio


class Waiting:
    """A model that never answers."""

    name, context_tokens, deterministic = "waiting", 8192, False

    def __init__(self) -> None:
        self.asked, self.left = asyncio.Event(), asyncio.Event()

    async def complete(self, prompt: object, /) -> object:
        self.asked.set()
        try:
            return await asyncio.Event().wait()
        finally:
            self.left.set()

    async def aclose(self) -> None: ...
