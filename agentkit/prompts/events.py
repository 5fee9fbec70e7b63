"""Server-sent events: bytes → the data of each event, as the WHATWG's HTML standard (section 9.2.6) cuts them."""

import re
from collections.abc import Iterator

DONE = "[DONE]"
"""The data of the event that ends a stream of OpenAI's protocol."""
_LINE_END = re.compile(rb"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"


class EventParser:
    """Cuts a stream of bytes into events, wherever its chunks happen to end.

    Lines end in LF, CRLF or CR; comments and fields other than `data` are passed over; several `data` lines of one
    event are joined by a line break. A UTF-8 sequence may be split over chunks.
    """

    def __init__(self) -> None:
        self._rest = bytearray()
        self._searched = 0
        self._data: list[str] = []
        self._begun = False

    def feed(self, chunk: bytes) -> Iterator[str]:
        """Take in bytes; yield the data of every event that they complete.

        Raises:
            UnicodeDecodeError: a line is not UTF-8.
        """
        self._rest += chunk
        for line in self._lines():
            if not line:
                if self._data:
                    yield "\n".join(self._data)
                    self._data = []
            elif line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" ").decode("utf-8"))
            elif line == b"data":
                self._data.append("")

    def end(self) -> str:
        """Return the data of a last event whose blank line is missing; empty where there is none.

        The standard drops such an event, but servers close the connection right behind it.
        """
        data = [*self._data]
        if self._rest.startswith(b"data:"):
            data.append(bytes(self._rest[5:]).removeprefix(b" ").decode("utf-8").strip())
        return "\n".join(data)

    def _lines(self) -> Iterator[bytes]:
        if not self._begun:
            if len(self._rest) < len(_BOM) and _BOM.startswith(self._rest):
                return
            self._begun = True
            if self._rest.startswith(_BOM):
                del self._rest[: len(_BOM)]
        start = 0
        while (match := _LINE_END.search(self._rest, max(start, self._searched))) is not None:
            if match.end() == len(self._rest) and match[0] == b"\r":
                break  # a line feed may follow in the next chunk
            yield bytes(self._rest[start : match.start()])
            start = match.end()
        del self._rest[:start]
        self._searched = max(0, len(self._rest) - 1)
