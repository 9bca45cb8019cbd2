"""Overlays: a province, a developer or a what-if changes single numbers of a pack, each named by its path."""

from collections.abc import Mapping, MutableMapping
from copy import deepcopy
from difflib import get_close_matches
from typing import Any

from journey.domain.errors import JourneyError

ENTRY_ID = "component"  # the name by which an entry of a list is addressed


class OverlayError(JourneyError):
    """A change cannot be made; `path` says where (empty: the overlay as a whole)."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__(f"{path}: {text}" if path else text)
        self.path = path
        self.text = text


def check_applies(pack_doc: Mapping[str, Any], overlay_doc: Mapping[str, Any]) -> None:
    """Raises `OverlayError` unless the overlay was written for this pack."""
    name, wanted = pack_doc.get("pack"), overlay_doc.get("applies_to")
    if name != wanted:
        raise OverlayError("", f"overlay {overlay_doc.get('overlay')} applies to {wanted}, not to {name}")


def set_path(doc: MutableMapping[str, Any], path: str, value: Any) -> None:
    """Replace what stands at a dotted path, in place; an entry of a list is named by its component id.

    Only what is there can be replaced: `OverlayError` names the path and the nearest name otherwise.
    """
    *parents, last = locate(doc, path)
    node: Any = doc
    for position in parents:
        node = node[position]
    node[last] = deepcopy(value)


def locate(doc: Mapping[str, Any], path: str) -> tuple[str | int, ...]:
    """Keys and list positions that a dotted path leads through; raises `OverlayError` as `set_path` does."""
    node: Any = doc
    found: list[str | int] = []
    names = path.split(".")
    for depth, name in enumerate(names):
        position = _position(node, name, path, ".".join(names[:depth]))
        found.append(position)
        node = node[position]
    return tuple(found)


def _position(node: Any, name: str, path: str, above: str) -> str | int:
    places = _places(node)
    if name in places:
        return places[name]
    where = f"{above} has no {name!r}" if above else f"the pack has no {name!r}"
    near = get_close_matches(name, places, n=1)
    raise OverlayError(path, where + (f"; did you mean {near[0]!r}?" if near else ""))


def _places(node: Any) -> dict[str, str | int]:
    if isinstance(node, Mapping):
        return {name: name for name in node}
    if isinstance(node, list):
        return {
            entry[ENTRY_ID]: position
            for position, entry in enumerate(node)
            if isinstance(entry, Mapping) and ENTRY_ID in entry
        }
    return {}
