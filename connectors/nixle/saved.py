"""Mail that was saved as files (.eml), read as a mailbox is: nothing in its folder is changed.

Files are numbered by their paths. Where one comes or goes they are numbered anew, and read anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from archiver.records.errors import PlatformUnreachable
from archiver.records.identity import sha256
from connectors.fetching.mailbox import FolderState, Letter


class SavedMail:
    """The .eml files of a folder and the folders in it; links are not followed."""

    def __init__(self, folder: Path, *, largest: int) -> None:
        self._folder = folder
        self._largest = largest
        self._found: list[Path] | None = None
        self.fetched = 0

    def state(self) -> FolderState:
        """Look which files there are, once, and give the folder's state.

        Raises:
            PlatformUnreachable: there is no such folder, or it may not be read.
        """
        files = self._files()
        names = "\n".join(str(path.relative_to(self._folder)) for path in files)
        return FolderState(int(sha256(names.encode("utf-8", "replace"))[:12], 16), len(files) + 1)

    def letters(self, *, after: int, sender: str) -> Iterator[Letter]:
        """Give the messages after number *after*; whose they are is seen when they are read.

        *sender* is for a server, which looks before it sends.
        """
        del sender
        for number in range(after + 1, self.state().following):
            if (letter := self.letter(number)) is not None:
                yield letter

    def letter(self, number: int) -> Letter | None:
        """Give the message of that number; None where it was taken away meanwhile.

        Raises:
            PlatformUnreachable: it may not be read.
        """
        files = self._files()
        if not 0 < number <= len(files):
            return None
        path = files[number - 1]
        try:
            size = path.stat().st_size
            raw = path.read_bytes() if size <= self._largest else b""
        except FileNotFoundError:
            return None
        except OSError as error:
            raise PlatformUnreachable(f"{path} cannot be read: {error.strerror}") from None
        self.fetched += bool(raw)
        return Letter(number, size, raw)

    def close(self) -> None:
        """Forget which files there were."""
        self._found = None

    def _files(self) -> list[Path]:
        if self._found is None:
            try:
                next(self._folder.iterdir(), None)
            except OSError as error:
                detail = f"{self._folder} cannot be read: {error.strerror}"
                raise PlatformUnreachable(detail) from None
            found = self._folder.rglob("*")
            mail = (path for path in found if path.suffix.lower() == ".eml")
            self._found = sorted(path for path in mail if path.is_file() and not path.is_symlink())
        return self._found
