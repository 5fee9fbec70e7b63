"""What documents of an index are called: the same whatever the order in which they came."""

import os
from collections import Counter
from collections.abc import Iterable

from agentkit.indexed import Known


def distinct(documents: Iterable[Known]) -> dict[str, str]:
    """Return a name for each document, by key: that which it is called, where no other is.

    Files that are called the same go by their paths below the folder that all of these are in, with what stood before
    their names; where even that is another's name, by their keys. What is no file keeps its name.

    Args:
        documents: all there are; their keys differ.
    """
    groups: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for one in documents:
        if one.key.startswith("/"):
            groups.setdefault(one.called or one.name, []).append(one.key)
        else:
            names[one.key] = one.name
    for called, keys in groups.items():
        names |= {keys[0]: called} if len(keys) == 1 else _below(called, keys)
    taken = Counter(names.values())
    alone = {keys[0] for keys in groups.values() if len(keys) == 1}
    return {
        key: key if taken[name] > 1 and key.startswith("/") and key not in alone else name
        for key, name in names.items()
    }


def _below(called: str, keys: list[str]) -> dict[str, str]:
    """Return files' paths below the folder that they are all in, after what stands before what they are called."""
    folder = os.path.commonpath([os.path.dirname(key) for key in keys])
    bare = called.rpartition("/")[2]
    before = called.removesuffix(bare) if all(key.endswith(bare) for key in keys) else ""
    return {key: before + os.path.relpath(key, folder) for key in keys}
