"""Evidence: kept once under its hash, for its owner only, and not handed out when it is not what it was."""

from pathlib import Path

import pytest

from journey.adapters.evidence import PICTURES, EvidenceFolder, media_type


def test_a_file_is_kept_once_under_the_hash_of_its_content(tmp_path: Path) -> None:
    folder = EvidenceFolder(tmp_path / "evidence")

    first, second = folder.keep(b"%PDF-1"), folder.keep(b"%PDF-1")

    kept = [path for path in folder.path.rglob("*") if path.is_file()]
    assert first == second
    assert [path.name for path in kept] == [first]
    assert kept[0].stat().st_mode & 0o777 == 0o600
    assert folder.read(first) == b"%PDF-1"


def test_what_was_changed_or_is_not_there_is_not_handed_out(tmp_path: Path) -> None:
    folder = EvidenceFolder(tmp_path)
    digest = folder.keep(b"%PDF-1")
    (tmp_path / digest[:2] / digest).write_bytes(b"another")

    assert folder.read(digest) is None
    assert folder.read("0" * 64) is None
    assert folder.read("../../etc/passwd") is None
    assert not folder.has("..")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7", "application/pdf"), (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"RIFF\0\0\0\0WEBP", "image/webp"), (b"\0\0\0\x18ftypheic", "image/heic"), (b"MZ", None), (b"", None),
        (b"<svg onload=alert(1)>", None),
    ],
)  # fmt: skip
def test_a_file_is_what_it_begins_as(content: bytes, kind: str | None) -> None:
    assert media_type(content) == kind
    assert (kind in PICTURES) is (kind is not None)
