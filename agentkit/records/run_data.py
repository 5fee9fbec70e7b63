"""What a run store holds, as plain data, and how it becomes text and back."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field

from agentkit.types import ChecklistItem, Document, Entity, HiddenText, Page, Passage, Section

_VERSION = 2


@dataclass(slots=True)
class RunData:
    """The raw side of a run. `vault` is the dump of a vault that lives and dies with the run.

    `index` is the index that was asked, without secrets, and the version it was of.
    """

    run_id: str
    matter: str
    question: str
    paths: list[str]
    documents: list[Document] = field(default_factory=list[Document])
    passages: list[Passage] = field(default_factory=list[Passage])
    entities: dict[int, list[Entity]] = field(default_factory=dict[int, list[Entity]])
    quarantined: set[str] = field(default_factory=set[str])
    vault: str = ""
    checklist: list[ChecklistItem] = field(default_factory=list[ChecklistItem])
    withheld: dict[int, list[tuple[int, int]]] = field(default_factory=dict[int, list[tuple[int, int]]])
    index: tuple[str, str] | None = None

    def typed(self) -> list[str]:
        """Return the user's own words, as typed."""
        items = [text for item in self.checklist for text in (item.question, item.name, *item.terms)]
        return [self.question, *items]


_NAMES: dict[type, list[str]] = {
    kind: [field.name for field in dataclasses.fields(kind)]
    for kind in (RunData, ChecklistItem, Document, Passage, Entity, Page, Section, HiddenText)
}


def dump_run(data: RunData) -> str:
    """Return the data as JSON."""
    plain = {**_plain(data), "quarantined": sorted(data.quarantined), "version": _VERSION}
    return json.dumps(plain, ensure_ascii=False, default=_plain)


def _plain(value: object) -> dict[str, object]:
    """Return a dataclass's own fields: `dataclasses.asdict` would copy all that is in them, many times slower."""
    return {name: getattr(value, name) for name in _NAMES[type(value)]}


def load_run(text: str) -> RunData:
    """Return what `dump_run` wrote.

    Raises:
        ValueError: the text is of another version.
        KeyError: a field is missing.
        TypeError: a field has another shape.
    """
    plain = json.loads(text)
    if plain.pop("version", None) != _VERSION:
        raise ValueError("it was written by another version of agentkit.")
    return RunData(
        run_id=plain["run_id"],
        matter=plain["matter"],
        question=plain["question"],
        paths=plain["paths"],
        documents=[_document(item) for item in plain["documents"]],
        passages=[Passage(**item) for item in plain["passages"]],
        entities={int(index): [Entity(**item) for item in items] for index, items in plain["entities"].items()},
        quarantined=set(plain["quarantined"]),
        withheld={
            int(index): [(start, end) for start, end in spans] for index, spans in plain.get("withheld", {}).items()
        },
        vault=plain["vault"],
        checklist=[ChecklistItem(**item) for item in plain["checklist"]],
        index=tuple(plain["index"]) if plain.get("index") else None,
    )


def _document(plain: dict[str, list[dict[str, object]]]) -> Document:
    nested = {
        "pages": [Page(**item) for item in plain["pages"]],  # pyright: ignore[reportArgumentType]
        "sections": [Section(**item) for item in plain["sections"]],  # pyright: ignore[reportArgumentType]
        "hidden": [HiddenText(**item) for item in plain["hidden"]],  # pyright: ignore[reportArgumentType]
        "tables": [tuple(item) for item in plain["tables"]],
        "footnotes": [tuple(item) for item in plain["footnotes"]],
    }
    return Document(**{**plain, **nested})  # pyright: ignore[reportArgumentType]


def adopt_passage(data: RunData, passage: Passage) -> Passage:
    """Return our passage for a foreign one, adding it to the run where it is new.

    A passage that lies in a document of the run, word for word, stays there; any other text becomes
    a document of its own, once.
    """
    for known in data.passages:
        if (known.source, known.start, known.end) == (
            passage.source,
            passage.start,
            passage.end,
        ) and known.text == passage.text:
            return known
    for document in data.documents:
        if document.index == passage.source and document.text[passage.start : passage.end] == passage.text:
            return _append(data, dataclasses.replace(passage, id=_next_id(data, document.index)))
    digest = hashlib.sha256(passage.text.encode("utf-8", "surrogatepass")).hexdigest()
    for document in data.documents:
        if document.sha256 == digest and document.text == passage.text:
            return next(known for known in data.passages if known.source == document.index)
    index = max((document.index for document in data.documents), default=-1) + 1
    name = passage.id or f"passage {index}"
    data.documents.append(Document(index, name, "text/plain", digest, passage.text, title=passage.section))
    whole = dataclasses.replace(passage, id=f"d{index}p0", source=index, start=0, end=len(passage.text))
    return _append(data, whole)


def _append(data: RunData, passage: Passage) -> Passage:
    data.passages.append(passage)
    return passage


def _next_id(data: RunData, index: int) -> str:
    taken = {passage.id for passage in data.passages if passage.source == index}
    number = len(taken)
    while f"d{index}p{number}" in taken:
        number += 1
    return f"d{index}p{number}"
