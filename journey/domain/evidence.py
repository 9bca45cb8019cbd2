"""Evidence 凭证: what shows that work was done. Some work is done only with a photo of it."""

import re
from collections.abc import Mapping
from typing import Any, Final

# Parameter of an item whose result counts as done only with a photo.
PHOTO: Final = "photo"
# Parameter of an item that is done only by the fact of the proof that it asks for.
PROOF: Final = "proof"
_PICTURE: Final = re.compile(r"\.(jpe?g|png|webp|hei[cf])(\?.*)?$", re.IGNORECASE)
_KEPT: Final = re.compile(r"(sha256:)?[0-9a-f]{64}")  # a file in the evidence folder, by its hash


def has_photo(evidence: Any) -> bool:
    """Whether evidence names a picture, by its file's name, its address or its hash; words alone show nothing."""
    if isinstance(evidence, str):
        return bool(_PICTURE.search(evidence.strip()) or _KEPT.fullmatch(evidence.strip().lower()))
    if isinstance(evidence, Mapping):
        return any(has_photo(value) for value in evidence.values())
    return isinstance(evidence, list) and any(has_photo(value) for value in evidence)
