"""Message templates of a pack: read from their folder, and checked before a message depends on them."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError, meta, nodes

from journey.adapters.pack_files import Problem
from journey.domain.values import Language

# What a template may use; a set names the fields of an object, None stands for a plain value.
VARIABLES: Mapping[str, frozenset[str] | None] = {
    "owner": frozenset({"name"}),
    "unit": frozenset({"code", "building"}),
    "project": frozenset({"name"}),
    "keeper": None,
    "components": None,
    "ends_on": None,
    "days_left": None,
    "handover_on": None,
    "moved_from": None,
    "moved_to": None,
}
FILTERS = frozenset({"date_zh", "date_en"})
SUFFIX = ".j2"

Templates = dict[str, dict[str, str]]


def read_templates(folder: Path) -> tuple[Templates, list[Problem]]:
    """Texts by language and rule (`{"zh": {"moved": …}, "en": …}`) with everything that is wrong with them."""
    texts: Templates = {}
    problems: list[Problem] = []
    for language in Language:
        files = sorted((folder / language.value).glob("*" + SUFFIX))
        texts[language.value] = {file.name.removesuffix(SUFFIX): file.read_text(encoding="utf-8") for file in files}
        for file in files:
            rule = file.name.removesuffix(SUFFIX)
            problems += lint(
                texts[language.value][rule], file=file.as_posix(), path=f"templates.{language.value}.{rule}"
            )
    return texts, problems + _missing(texts, folder)


def lint(text: str, *, file: str, path: str) -> list[Problem]:
    """What is wrong with one template: its syntax, or variables, fields, filters and tests that do not exist."""
    environment = Environment(autoescape=False)
    environment.filters.update(dict.fromkeys(FILTERS, str))
    try:
        tree = environment.parse(text)
        faults = list(_unknown_helpers(tree, environment))
        faults += _unknown_names(tree, meta.find_undeclared_variables(tree))
    except TemplateSyntaxError as error:
        return [Problem(file, error.lineno, path, f"template: {error.message}")]
    return [Problem(file, line, path, fault) for line, fault in sorted(set(faults))]


def _missing(texts: Templates, folder: Path) -> list[Problem]:
    rules = {rule for by_rule in texts.values() for rule in by_rule}
    return [
        Problem((folder / language / (rule + SUFFIX)).as_posix(), 1, f"templates.{language}.{rule}", "template missing")
        for language, by_rule in sorted(texts.items())
        for rule in sorted(rules - by_rule.keys())
    ]


def _unknown_helpers(tree: nodes.Template, environment: Environment) -> Iterator[tuple[int, str]]:
    """Filters, tests and other templates; an unknown helper is then made known, so that the rest is told as well."""
    for used in tree.find_all(nodes.Filter):
        if used.name not in environment.filters:
            yield used.lineno, f"unknown filter {used.name}"
    for test in tree.find_all(nodes.Test):
        if test.name not in environment.tests:
            yield test.lineno, f"unknown test {test.name}"
    for other in tree.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)):
        yield other.lineno, "a template stands on its own: it cannot use another one"
    environment.filters.update(dict.fromkeys((used.name for used in tree.find_all(nodes.Filter)), str))
    environment.tests.update(dict.fromkeys((test.name for test in tree.find_all(nodes.Test)), callable))


def _unknown_names(tree: nodes.Template, undeclared: set[str]) -> Iterator[tuple[int, str]]:
    known = ", ".join(sorted(VARIABLES))
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and name.name in undeclared and name.name not in VARIABLES:
            yield name.lineno, f"unknown variable {name.name}; there are {known}"
    for attribute in tree.find_all(nodes.Getattr):
        yield from _unknown_field(attribute, attribute.attr)
    for item in tree.find_all(nodes.Getitem):
        if isinstance(item.arg, nodes.Const):
            yield from _unknown_field(item, str(item.arg.value))


def _unknown_field(access: nodes.Getattr | nodes.Getitem, field: str) -> Iterator[tuple[int, str]]:
    owner = access.node.name if isinstance(access.node, nodes.Name) else ""
    fields = VARIABLES.get(owner)
    if fields is not None and field not in fields:
        yield access.lineno, f"unknown variable {owner}.{field}; there is {', '.join(sorted(fields))}"
