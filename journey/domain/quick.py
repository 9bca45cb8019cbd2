"""Frozen dataclasses that are quick to make, for the few classes of which every plan makes hundreds."""

import dataclasses
from typing import TYPE_CHECKING, Any

__all__ = ["quick_dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass as quick_dataclass
else:

    def quick_dataclass(*, frozen: bool, kw_only: bool = False) -> Any:
        """A slotted dataclass, frozen for the type checker, which lets nobody assign to it.

        At run time its fields are assigned plainly: what a frozen one does instead takes three quarters of its making,
        which was a sixth of a plan.
        """
        assert frozen  # these are values; what changes is a dataclass of its own
        return dataclasses.dataclass(slots=True, unsafe_hash=True, kw_only=kw_only)
