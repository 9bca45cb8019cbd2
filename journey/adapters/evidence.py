"""The folder of evidence 凭证: files kept under the SHA-256 of their content, so that none changes unseen."""

import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_HASH: Final = re.compile(r"[0-9a-f]{64}")
# How the files begin that show something: a photo, a scan, a printed run and its list.
_KINDS: Final = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"\xef\xbb\xbf", "text/csv; charset=utf-8"),
)
PICTURES: Final = frozenset({"application/pdf", "image/jpeg", "image/png", "image/webp", "image/heic"})


def media_type(content: bytes) -> str | None:
    """What a file is, by how it begins; None for what is no evidence."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypheif"):
        return "image/heic"
    return next((kind for begins, kind in _KINDS if content.startswith(begins)), None)


@dataclass(frozen=True, slots=True)
class EvidenceFolder:
    """Files by hash, readable by their owner only. A file is there whole or not at all."""

    path: Path

    def keep(self, content: bytes) -> str:
        """Keep a file; its hash. The same content is kept once."""
        digest = hashlib.sha256(content).hexdigest()
        target = self._place(digest)
        if target.exists():
            return digest
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        half = target.with_name(f".{digest}.{secrets.token_hex(4)}")
        descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.replace(target)
        return digest

    def has(self, digest: str) -> bool:
        """Whether a file is there."""
        return bool(_HASH.fullmatch(digest)) and self._place(digest).is_file()

    def read(self, digest: str) -> bytes | None:
        """The content; None when it is not there, or is not what it was."""
        if not self.has(digest):
            return None
        content = self._place(digest).read_bytes()
        return content if hashlib.sha256(content).hexdigest() == digest else None

    def remove(self, digest: str) -> None:
        """Destroy a file; one that is not there is harmless."""
        if _HASH.fullmatch(digest):
            self._place(digest).unlink(missing_ok=True)

    def _place(self, digest: str) -> Path:
        return self.path / digest[:2] / digest
