"""Which documents others may name: those in the folders that were opened to them, and no other."""

import os
from collections.abc import Sequence
from pathlib import Path

from agentkit.errors import DocumentError, UsageError
from agentkit.reading.files import expand_paths


class Folders:
    """Folders whose documents may be read on behalf of somebody else.

    Args:
        folders: at least one; a link is followed once, here.

    Raises:
        UsageError: one of them is no folder.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        missing = [str(folder) for folder in folders if not folder.is_dir()]
        if missing or not folders:
            raise UsageError(f"There is no folder {missing[0]}." if missing else "Name a folder of documents.")
        self.folders = [Path(os.path.realpath(folder)) for folder in folders]

    def documents(self, names: Sequence[str], *, roots: Sequence[Path] | None = None) -> list[Path]:
        """Return the documents that names stand for: files, or folders of them; links that lead out are left out.

        Args:
            names: paths, absolute or from one of the folders; none stands for the folders themselves.
            roots: only what lies in one of these as well, where they are given.

        Raises:
            DocumentError: a name leads out of the folders, or to nothing: which of the two is not told.
        """
        narrowed = None if roots is None else [Path(os.path.realpath(root)) for root in roots]
        found = [self._place(name, narrowed) for name in names]
        if not names:
            found = [folder for folder in self.folders if self._is_inside(folder, narrowed)]
        if not found:
            raise DocumentError("No folder of documents is open here.", name="")
        paths = [Path(os.path.realpath(path)) for path in expand_paths(found)]
        inside = [path for path in paths if self._is_inside(path, narrowed)]
        if not inside:
            raise _refusal(names[0] if names else "")
        return inside

    def _place(self, name: str, roots: Sequence[Path] | None) -> Path:
        for folder in self.folders:
            try:
                place = Path(os.path.realpath(folder / name, strict=True))
            except (OSError, ValueError):
                continue
            if self._is_inside(place, roots):
                return place
        raise _refusal(name)

    def _is_inside(self, path: Path, roots: Sequence[Path] | None) -> bool:
        if not any(path.is_relative_to(folder) for folder in self.folders):
            return False
        return roots is None or any(path.is_relative_to(root) for root in roots)


def _refusal(name: str) -> DocumentError:
    shown = name[-80:].encode("utf-8", "replace").decode()
    return DocumentError(f"{shown!r} is not among the documents that may be read here.", name=shown)
