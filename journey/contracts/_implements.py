"""Ties an activity's implementation to its contract: same name, same types."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias, TypeVar

from temporalio import activity

S = TypeVar("S")
C = TypeVar("C")
R = TypeVar("R")

Method: TypeAlias = Callable[[S, C], Awaitable[R]]


def implements(contract: Callable[[C], Awaitable[R]]) -> Callable[[Method[S, C, R]], Method[S, C, R]]:
    """Define a method as the activity of a contract stub; mypy refuses one whose types differ."""
    return activity.defn(name=contract.__temporal_activity_definition.name)  # type: ignore[attr-defined] # set by defn
