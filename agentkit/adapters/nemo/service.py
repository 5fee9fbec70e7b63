"""The client of rails that ask a remote service: a call that fails makes the rail unable to check.

Some of NeMo's rails let a text pass when their service is down, late or refuses the call.
"""

from collections.abc import Mapping
from typing import Any

from nemoguardrails.http import HTTPResponse, create_http_client

from agentkit.errors import UnavailableError


class ServiceClient:
    """NeMo's HTTP client, which remembers that a call failed. Make one for each time an action is asked."""

    def __init__(self) -> None:
        self._failure = ""

    async def request(  # noqa: PLR0913 - NeMo's signature
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        content: bytes | str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - NeMo's signature
    ) -> HTTPResponse:
        """Send one request.

        Raises:
            Exception: NeMo's errors of a connection or a time-out.
        """
        client = create_http_client()
        self._failure = "did not answer"
        try:
            response = await client.request(
                method, url, headers=headers, params=params, json=json, content=content, timeout=timeout
            )
        finally:
            await client.close()
        self._failure = "" if response.status_code < 400 else f"answered with status {response.status_code}"
        return response

    @property
    def failed(self) -> bool:
        """Whether the last call failed."""
        return bool(self._failure)

    def check(self) -> None:
        """Raise if the last call failed, whatever the action made of it.

        Raises:
            UnavailableError: the service did not answer, or with an error.
        """
        if self._failure:
            raise UnavailableError(f"The rail's service {self._failure}.")
