"""What documents of an index are called: the same whatever the order in which they came."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping

from agentkit.indexed import Known

_FEW = 2


def label_of(document: Known) -> str:
    """Return what a document would be called if no other were."""
    return document.called or document.name


def is_file(key: str) -> bool:
    """Tell whether a document of this key is a file."""
    return key.startswith("/")


def is_same(one: Known, other: Known) -> bool:
    """Tell whether a document says the same under the same label, to the same people; its name may be another."""
    told = [(known.sha256, known.matter, known.labels, label_of(known)) for known in (one, other)]
    return told[0] == told[1]


class Labels:
    """What the documents of an index would be called, kept up as they come and go.

    What is no file is called so where no other document is called the same, and by its key where one is.

    Args:
        documents: all there are; their keys differ.
    """

    def __init__(self, documents: Iterable[Known]) -> None:
        self._called: dict[str, dict[str, None]] = {}
        self._files: Counter[str] = Counter()
        self._keys = set[str]()
        self._touched: dict[str, None] = {}
        held = list(documents)
        for one in held:
            self.take(one)
        self._touched = {one.key: None for one in held if not is_file(one.key) and self.name(one) != one.name}

    def take(self, document: Known) -> None:
        """Note that a document is there."""
        self._called.setdefault(label_of(document), {})[document.key] = None
        self._keys.add(document.key)
        self._files.update([document.name] if is_file(document.key) else [])
        self._touch(document)
        self._touched[document.key] = None

    def drop(self, document: Known) -> None:
        """Note that a document that was there is there no longer."""
        keys = self._called[label_of(document)]
        del keys[document.key]
        if not keys:
            del self._called[label_of(document)]
        self._keys.discard(document.key)
        self._files.subtract([document.name] if is_file(document.key) else [])
        self._touched.pop(document.key, None)
        self._touch(document)

    def name(self, document: Known) -> str:
        """Return the name of a document that is no file, beside those there are."""
        label, key = label_of(document), document.key
        is_another = label in self._keys and label != key
        return key if is_another or self._files[label] > 0 or len(self._called.get(label, ())) > 1 else label

    def touched(self) -> list[str]:
        """Return the keys of what is no file and may have another name than when this was last asked."""
        keys, self._touched = self._touched, {}
        return [key for key in keys if not is_file(key)]

    def _touch(self, document: Known) -> None:
        """Note whose names may change as a document comes or goes: of three that are called the same, nobody's."""
        for label in {label_of(document), document.key, document.name}:
            keys = self._called.get(label, {})
            self._touched |= keys if len(keys) <= _FEW else {}


def distinct(documents: Iterable[Known]) -> dict[str, str]:
    """Return a name for each document, by key: that which it is called, where no other is.

    Files that are called the same go by their paths below the folder that all of these are in, with what stood before
    their names; where even that is another's name, by their keys. What is no file goes by its key where any other
    document is called the same.

    Args:
        documents: all there are; their keys differ.
    """
    held = {one.key: one for one in documents}
    files = _files([one for one in held.values() if is_file(one.key)])
    named = [_as(one, files.get(one.key, one.name)) for one in held.values()]
    labels = Labels(named)
    return {one.key: files[one.key] if is_file(one.key) else labels.name(one) for one in named}


def _as(document: Known, name: str) -> Known:
    return Known(document.key, name, "", called=label_of(document))


def _files(documents: Iterable[Known]) -> Mapping[str, str]:
    groups: dict[str, list[str]] = {}
    for one in documents:
        groups.setdefault(label_of(one), []).append(one.key)
    names: dict[str, str] = {}
    for called, keys in groups.items():
        names |= {keys[0]: called} if len(keys) == 1 else _below(called, keys)
    taken = Counter(names.values())
    alone = {keys[0] for keys in groups.values() if len(keys) == 1}
    return {key: key if taken[name] > 1 and key not in alone else name for key, name in names.items()}


def _below(called: str, keys: list[str]) -> dict[str, str]:
    """Return files' paths below the folder that they are all in, after what stands before what they are called."""
    folder = os.path.commonpath([os.path.dirname(key) for key in keys])
    bare = called.rpartition("/")[2]
    before = called.removesuffix(bare) if all(key.endswith(bare) for key in keys) else ""
    return {key: before + os.path.relpath(key, folder) for key in keys}
