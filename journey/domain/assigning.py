"""Tasks that an operator gave to another post: the item's post and the one above it follow."""

from dataclasses import replace

from journey.domain.base_facts import BaseFacts
from journey.domain.items import Item
from journey.domain.packs import parent_post
from journey.domain.reasons import Reason
from journey.domain.values import ROLES


def assigned(item: Item, facts: BaseFacts) -> Item:
    """The item of a running task at the post that it was last given to; a colleague by name leaves the post."""
    entry = facts.record.entries.get(item.key)
    if entry is None or not entry.running or entry.task is None:
        return item
    for event in reversed(facts.all("task.assigned")):
        post = ROLES.get(str(event.data.get("to")))
        if event.data.get("task") == entry.task and post is not None:
            because = Reason("assigned", {"by": event.data.get("by", "?"), "event": event.id})
            above = parent_post(post, facts.pack.posts, facts.record.staffed)
            return replace(item, role=post, escalates_to=above, because=(*item.because, because))
    return item


def elsewhere(item: Item, task: str | None, facts: BaseFacts) -> bool:
    """Whether a task that was ever assigned, or whose case was, stands at another post than its item says now."""
    if task is None or item.role is None or facts.record.roles.get(task, item.role.value) == item.role.value:
        return False
    if "reassigned" in item.params:
        return True
    return any(event.type == "task.assigned" and event.data.get("task") == task for event in facts.judged.events)
