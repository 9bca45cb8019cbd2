"""Which posts a rule gives its work to, read from the code of the rule and of the helpers that it hands its post to."""

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any, Final

from journey.domain.rules import Rule
from journey.domain.values import Role

# Where a rule may leave its post to: files beside it, what is asked for on cases, and notices on walls.
_HELPERS: Final = ("journey.domain.stages", "journey.domain.shared", "journey.domain.case_asks")
_POSTING: Final = "journey.domain.asking.posting"


@dataclass(slots=True)
class Posts:
    """Posts that are named, and those above which the work goes; both empty for a rule that only sends messages."""

    named: set[Role] = field(default_factory=set)
    above: set[Role] = field(default_factory=set)

    @property
    def text(self) -> str:
        """As the table has it; whoever it may be when every post is named."""
        if self.named == set(Role):
            return "任一岗位 any"
        named = [f"{role.zh} `{role}`" for role in Role if role in self.named]
        return ", ".join([*named, *(f"{role.zh}之上 above `{role}`" for role in Role if role in self.above)])


def posts_of(rule: Rule) -> Posts:
    """The posts of what a rule asks for."""
    found = Posts()
    _read(rule.function, found, set())
    return found


def _read(function: Any, found: Posts, seen: set[Any]) -> None:
    if function in seen or not isinstance(function, FunctionType):
        return
    seen.add(function)
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    asked_about = {id(role) for role in _asked_about(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            _read_value(function.__globals__.get(node.id), found, seen)
        elif (role := _role(node)) is not None and id(node) not in asked_about:
            found.named.add(role)
        elif isinstance(node, ast.Attribute) and node.attr == "escalates_to" and isinstance(node.value, ast.Subscript):
            found.above |= {role for part in ast.walk(node.value.slice) if (role := _role(part)) is not None}


def _read_value(value: Any, found: Posts, seen: set[Any]) -> None:
    """A constant of posts by something else, or a helper."""
    if isinstance(value, Mapping):
        found.named |= {each for each in value.values() if isinstance(each, Role)}
    elif isinstance(value, FunctionType):
        name = f"{value.__module__}.{value.__qualname__}"
        if value.__module__.startswith(_HELPERS) or name == _POSTING:
            _read(value, found, seen)


def _asked_about(tree: ast.AST) -> Iterator[ast.AST]:
    """Posts that are only looked up or compared: whose work something is they do not say."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare | ast.Subscript):
            yield from ast.walk(node)


def _role(node: ast.AST) -> Role | None:
    is_role = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Role"
    return Role[node.attr] if is_role and isinstance(node, ast.Attribute) else None
