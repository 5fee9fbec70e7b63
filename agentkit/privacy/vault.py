"""The vault of a matter: which original each placeholder stands for."""

import json
import os
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agentkit.errors import UsageError
from agentkit.privacy.keys import load_key, matter_id
from agentkit.privacy.placeholders import LITERAL, normal, shapes, write
from agentkit.privacy.sealed import locked, seal, unseal, used

_MATTER_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Mention:
    """An original as it stands in a text, and the fuller form it is short for ("Smith" for "John Smith"), or ""."""

    type: str
    original: str
    short_for: str = ""


@dataclass(slots=True)
class _Entries:
    """Numbers count from 1 by type; entries are only ever added, so a number never changes its meaning."""

    originals: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    aliases: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])
    numbers: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])

    @classmethod
    def loads(cls, data: str) -> "_Entries":
        plain = json.loads(data)
        entries = cls(plain["originals"], plain["aliases"])
        for kind, values in entries.originals.items():
            for number, value in enumerate(values, start=1):
                entries.numbers.setdefault((kind, normal_key(kind, value)), number)
        for kind, names in entries.aliases.items():
            for name, number in names.items():
                entries.numbers.setdefault((kind, normal_key(kind, name)), number)
        return entries

    def dumps(self) -> str:
        return json.dumps({"originals": self.originals, "aliases": self.aliases}, ensure_ascii=False)

    def number(self, mention: Mention) -> int | None:
        return self.numbers.get((mention.type, normal_key(mention.type, mention.original)))

    def add(self, mention: Mention) -> None:
        if self.number(mention) is not None:
            return
        key = (mention.type, normal_key(mention.type, mention.original))
        if mention.short_for:
            full = Mention(mention.type, mention.short_for)
            self.add(full)
            number = self.numbers[mention.type, normal_key(mention.type, mention.short_for)]
            self.aliases.setdefault(mention.type, {})[mention.original] = number
        else:
            values = self.originals.setdefault(mention.type, [])
            values.append(mention.original)
            number = len(values)
        self.numbers[key] = number


def normal_key(entity_type: str, original: str) -> str:
    """Return the form under which spellings of an original count as one; a literal counts as it is written."""
    return original if entity_type == LITERAL else normal(entity_type, original)


class MatterVault:
    """Keeps the originals of one matter, in memory or in an encrypted file (port `Vault`).

    New entries are numbered and written while the file is locked, after reading what other processes
    added: two runs on one matter never give a number twice. Until it is closed, the matter counts as in use.
    """

    def __init__(self, *, matter: str, key: bytes = b"", path: Path | None = None, entries: str = "") -> None:
        """Open a vault.

        Args:
            matter: what stands for the matter; binds a file to it.
            key: 32 bytes; encrypts the file.
            path: the file, or None to keep the vault in memory.
            entries: what `dump` of an earlier vault in memory returned.

        Raises:
            UsageError: the file is damaged, foreign, or unreadable.
        """
        self._matter = matter
        self._key = key
        self._path = path
        self._entries = _Entries.loads(entries) if entries else _Entries()
        self._mentions: list[Mention] | None = None
        self._stamp: tuple[int, int, int] | None = None
        if path is not None:
            self._release = weakref.finalize(self, os.close, used(path))
        self._refresh()

    @classmethod
    def open(cls, home: Path, matter: str) -> "MatterVault":
        """Open the vault of a named matter, `home/matters/ID.vault`, or begin a new one.

        Raises:
            UsageError: the name is empty or too long, or the file is damaged, foreign, or unreadable.
        """
        path = vault_path(home, matter)
        return cls(matter=path.stem, key=load_key(home), path=path)

    @property
    def matter(self) -> str:
        """What stands for the matter."""
        return self._matter

    def close(self) -> None:
        """Say that the matter is not in use any more; what is kept can still be read."""
        if self._path is not None:
            self._release()

    def placeholder(self, entity_type: str, original: str, /) -> str:
        """Return the placeholder of an original ("<PERSON_1>"): the same one each time, in this matter."""
        return self.assign([Mention(entity_type, original)])[0]

    def assign(self, mentions: Sequence[Mention], /) -> list[str]:
        """Return the placeholder of each mention; unknown ones are numbered in the order given, and kept.

        Raises:
            UsageError: the file cannot be written, or is damaged.
        """
        if any(self._entries.number(mention) is None for mention in mentions):
            if self._path is None:
                self._add(mentions)
            else:
                with locked(self._path):
                    self._refresh()
                    self._add(mentions)
                    self._write(self._path)
        return [write(mention.type, self._entries.number(mention) or 0) for mention in mentions]

    def _add(self, mentions: Sequence[Mention]) -> None:
        for mention in mentions:
            self._entries.add(mention)
        self._mentions = None

    def _write(self, path: Path) -> None:
        seal(path, self._entries.dumps().encode(), key=self._key, context=f"matter:{self._matter}")
        self._stamp = _stamp(path)

    def _refresh(self) -> None:
        if self._path is None or (stamp := _stamp(self._path)) == self._stamp:
            return
        if stamp is None:
            raise UsageError("The vault of this matter was erased while it was in use: start the run again.")
        data = unseal(self._path, key=self._key, context=f"matter:{self._matter}")
        self._entries, self._mentions = _Entries.loads(data.decode()), None
        self._stamp = stamp

    def knows(self, entity_type: str, number: int) -> bool:
        """Return whether a placeholder of this type and number was given."""
        return 0 < number <= len(self._entries.originals.get(entity_type, ()))

    def restore(self, text: str, /) -> str:
        """Return `text` with every known placeholder replaced by its original, in one pass."""
        parts: list[str] = []
        position = 0
        for start, end, kind, number in shapes(text):
            if self.knows(kind, number):
                parts += [text[position:start], self._entries.originals[kind][number - 1]]
                position = end
        parts.append(text[position:])
        return "".join(parts)

    def originals(self) -> list[str]:
        """Return every original that may not appear in an answer.

        Left out are forged placeholders, and names of a single word: such a word is also a part of
        case names and companies that stay.
        """
        names = [
            value
            for kind, values in self._entries.originals.items()
            if kind != LITERAL
            for value in values
            if kind != "PERSON" or len(value.split()) > 1
        ]
        names += [name for forms in self._entries.aliases.values() for name in forms if len(name.split()) > 1]
        return list(dict.fromkeys(names))

    def mentions(self) -> Sequence[Mention]:
        """Return every original and short form kept, without forged placeholders; the same list until it grows."""
        if self._mentions is None:
            originals = self._entries.originals
            full = [Mention(kind, value) for kind, values in originals.items() for value in values]
            short = [
                Mention(kind, name, originals[kind][number - 1])
                for kind, names in self._entries.aliases.items()
                for name, number in names.items()
            ]
            self._mentions = [mention for mention in [*full, *short] if mention.type != LITERAL]
        return self._mentions

    def counts(self) -> Mapping[str, int]:
        """Return how many different originals of each type are kept, forged placeholders left out."""
        return {kind: len(values) for kind, values in self._entries.originals.items() if kind != LITERAL}

    def dump(self) -> str:
        """Return the entries as text, unencrypted, for a store that encrypts them with its own."""
        return self._entries.dumps()


def vault_path(home: Path, matter: str) -> Path:
    """Return where the vault of a named matter is kept; the name itself is in the file alone, and not in its own.

    Raises:
        UsageError: the name is empty or too long.
    """
    if not matter.strip() or len(matter) > _MATTER_CHARACTERS:
        raise UsageError(f"A matter's name has between 1 and {_MATTER_CHARACTERS} characters.")
    return home / "matters" / f"{matter_id(home, matter)}.vault"


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    return found.st_ino, found.st_mtime_ns, found.st_size
