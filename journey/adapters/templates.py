"""Texts of messages from the templates of a pack: variables in, at most 2,000 characters out, and nothing else."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache, wraps
from typing import Any, ClassVar

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, UndefinedError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from journey.domain.errors import JourneyError

MOST_TEMPLATE = 10_000
MOST_RESULT = 2_000
MOST_ON_PAPER = 20_000  # characters of a letter
MOST_NUMBER = 10**15
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
# No calls, no string arithmetic, no other templates: nothing that grows, loops long or reaches out.
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem,
    nodes.Filter, nodes.Test, nodes.If, nodes.For, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or,
    nodes.Not, nodes.Neg, nodes.Pos, nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod,
    nodes.List, nodes.Tuple, nodes.Keyword, nodes.Assign,
)  # fmt: skip
_FILTERS = (
    "abs", "capitalize", "count", "d", "default", "first", "int", "join", "last", "length", "list", "lower", "max",
    "min", "replace", "reverse", "sort", "string", "title", "trim", "unique", "upper",
)  # fmt: skip


class TemplateError(JourneyError):
    """A template cannot be rendered; `variable` names the one at fault. Values are never repeated."""

    code: ClassVar[str] = "template"

    def __init__(self, message: str, *, variable: str | None = None) -> None:
        super().__init__(message)
        self.variable = variable


def render(template_text: str, variables: Mapping[str, Any], *, most: int = MOST_RESULT) -> str:
    """The text without white space around it, of `most` characters.

    `TemplateError` for an undefined variable, a forbidden or failing template, or a text too long.
    """
    template, tree = _compiled(template_text)
    pieces: list[str] = []
    size = 0
    try:
        for piece in template.generate(variables):
            size += len(piece)
            if size > most:
                break
            pieces.append(piece)
    except UndefinedError as error:
        variable = _full_name(tree, error.message or "")
        raise TemplateError(f"undefined variable {variable}", variable=variable) from error
    except TemplateError:
        raise
    except Exception as error:
        raise TemplateError(f"the template fails: {type(error).__name__}") from error
    if size > most:
        raise TemplateError(f"the text is longer than {most} characters")
    return "".join(pieces).strip()


def variables_of(text: str) -> set[str]:
    """The variables that a template asks for; `TemplateError` when it cannot be read."""
    return meta.find_undeclared_variables(_parsed(text))


def date_zh(value: date | str) -> str:
    """2026年6月27日, from a date or its ISO form."""
    day = _day(value)
    return f"{day.year}年{day.month}月{day.day}日"


def date_en(value: date | str) -> str:
    """27 June 2026, from a date or its ISO form."""
    day = _day(value)
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _day(value: date | str) -> date:
    # The day of an instant depends on a zone, which a template does not know.
    if isinstance(value, datetime):
        raise TemplateError("a date filter takes a date, not an instant")
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise TemplateError("a date filter takes a date") from None


class _Missing(StrictUndefined):
    """Fails with the bare name: the library's own message tells the type of what it looked in."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        return str(self._undefined_name)


class _Environment(ImmutableSandboxedEnvironment):
    # Numbers only: repeated or glued text grows without bound.
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if not isinstance(left, int | float) or not isinstance(right, int | float):
            raise TemplateError(f"{operator} is for numbers")
        result = super().call_binop(context, operator, left, right)
        # A number that is set to its own square again and again would never be done.
        if abs(result) > MOST_NUMBER:
            raise TemplateError(f"{operator} gives a number beyond {MOST_NUMBER}")
        return result


def _bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same filter; a long text between two filters would grow from one to the next."""

    @wraps(function)
    def bounded(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        if isinstance(result, str | list) and len(result) > MOST_TEMPLATE:
            raise TemplateError(f"a filter gives more than {MOST_TEMPLATE} characters")
        return result

    return bounded


def _environment() -> _Environment:
    # Plain text: what goes into HTML is escaped there.
    environment = _Environment(undefined=_Missing, autoescape=False, cache_size=0)
    environment.globals.clear()
    known = environment.filters
    ours = {"date_zh": date_zh, "date_en": date_en}
    environment.filters = {
        name: _bounded(function) for name, function in ({n: known[n] for n in _FILTERS} | ours).items()
    }
    return environment


_ENVIRONMENT = _environment()


def _parsed(text: str) -> nodes.Template:
    if len(text) > MOST_TEMPLATE:
        raise TemplateError(f"the template is longer than {MOST_TEMPLATE} characters")
    try:
        tree = _ENVIRONMENT.parse(text)
    except TemplateSyntaxError as error:
        raise TemplateError(f"line {error.lineno}: {error.message}") from error
    except RecursionError as error:
        raise TemplateError("the template is nested too deep") from error
    _check(tree)
    return tree


@lru_cache(maxsize=256)
def _compiled(text: str) -> tuple[Template, nodes.Template]:
    tree = _parsed(text)
    try:
        return _ENVIRONMENT.from_string(_parsed(text)), tree
    except TemplateSyntaxError as error:
        raise TemplateError(f"line {error.lineno}: {error.message}") from error
    except (RecursionError, SyntaxError, MemoryError) as error:
        raise TemplateError("the template is nested too deep") from error


def _check(tree: nodes.Template) -> None:
    for node in _inside(tree):
        if not isinstance(node, _ALLOWED):
            raise TemplateError(f"line {node.lineno}: {type(node).__name__.lower()} is not allowed in a template")
        # The engine hands every template itself under this name.
        if isinstance(node, nodes.Name) and node.name == "self":
            raise TemplateError("undefined variable self", variable="self")
        # A name that is looked up by a value would tell that value when it is missing.
        if isinstance(node, nodes.Getitem) and not isinstance(node.arg, nodes.Const):
            raise TemplateError(f"line {node.lineno}: only a written name or number goes into [ ]")
        # A list set to a list of itself doubles with every line.
        if isinstance(node, nodes.Assign) and (node.find(nodes.List) or node.find(nodes.Tuple)):
            raise TemplateError(f"line {node.lineno}: a list cannot be set in a template")
        if isinstance(node, nodes.For) and node.find(nodes.For):
            raise TemplateError(f"line {node.lineno}: a loop inside a loop is not allowed in a template")


def _inside(tree: nodes.Node) -> Iterator[nodes.Node]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.iter_child_nodes()


def _full_name(tree: nodes.Template, name: str) -> str:
    """`owner.name` for a missing `name`, where the template says so."""
    dotted = (_path(node) for node in tree.find_all((nodes.Getattr, nodes.Getitem)))
    return next((path for path in dotted if path.rpartition(".")[2] == name), name)


def _path(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_path(node.node)}.{node.attr}"
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        return f"{_path(node.node)}.{node.arg.value}"
    return "…"
