"""Items that go out together: one carries, the others are merged into it (`kernel.md` §4, warranty notices)."""

from collections.abc import Mapping, Sequence

from journey.domain.entries import Entry
from journey.domain.items import Item
from journey.domain.quick import quick_dataclass


@quick_dataclass(frozen=True)
class Group:
    """Items of one subject and group; `carrier` is the key of the one that goes out."""

    carrier: str
    members: tuple[Item, ...]


def group_items(items: Sequence[Item], entries: Mapping[str, Entry]) -> dict[str, Group]:
    """The group of each grouped item. One that a person moved to another date or skipped goes its own way."""
    together: dict[tuple[str, str, str], list[Item]] = {}
    for item in items:
        if item.group is None or (item.because and any(reason.code == "rescheduled" for reason in item.because)):
            continue
        together.setdefault((item.rule, item.subject, item.group), []).append(item)
    groups: dict[str, Group] = {}
    for members in together.values():
        standing = [item for item in members if not _apart(entries.get(item.key))]
        if standing:
            group = Group(standing[0].key, tuple(standing))
            groups.update({item.key: group for item in standing})
    return groups


def _apart(entry: Entry | None) -> bool:
    return entry is not None and entry.by_operator
