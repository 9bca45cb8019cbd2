"""Message templates of a pack: read from their folder, and checked before a message depends on them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError, meta, nodes

from journey.adapters.pack_files import Problem
from journey.adapters.template_samples import VALUES, samples, usual
from journey.adapters.templates import MOST_ON_PAPER, MOST_RESULT, TemplateError, render, variables_of
from journey.domain.rules import RULES
from journey.domain.saying import COMMON, MOVED, ON_PAPER, says
from journey.domain.sms import length, segments
from journey.domain.stages import RULE_FILES
from journey.domain.values import Language
from journey.domain.wording import base_of

# What a template may use; a set names the fields of an object, None stands for a plain value.
VARIABLES: Mapping[str, frozenset[str] | None] = {**COMMON, **dict.fromkeys(sorted(VALUES))}
FILTERS = frozenset({"date_zh", "date_en"})
SUFFIX = ".j2"
MOST_PARTS = 3  # text messages that one message may take before the lint says so
_LINE = re.compile(r"line (\d+): ")
assert RULE_FILES  # importing them registers the rules, whose texts say what they say

Templates = dict[str, dict[str, str]]
SIGNED = frozenset({"project", "keeper"})  # who writes and who answers: a language may name them or not


def read_templates(folder: Path) -> tuple[Templates, list[Problem]]:
    """Texts by language and template (`{"zh": {"moved": …}, "en": …}`) with everything that is wrong with them.

    `ID.CHANNEL.j2` is the variant of a template for one channel.
    """
    texts: Templates = {}
    places: dict[tuple[str, str], str] = {}
    for language in Language:
        files = sorted((folder / language.value).glob("*" + SUFFIX))
        texts[language.value] = {file.name.removesuffix(SUFFIX): file.read_text(encoding="utf-8") for file in files}
        places |= {(language.value, file.name.removesuffix(SUFFIX)): file.as_posix() for file in files}
    return texts, check_texts(texts, places) + _missing(texts, folder)


def check_texts(texts: Mapping[str, Mapping[str, str]], places: Mapping[tuple[str, str], str]) -> list[Problem]:
    """What is wrong with texts, by language and template, each alone and beside the other language."""
    problems = [
        problem
        for language, by_template in texts.items()
        for template, text in by_template.items()
        for problem in lint(
            text,
            file=places.get((language, template), f"{language}/{template}"),
            path=f"templates.{language}.{template}",
            template=template,
            language=language,
        )
    ]
    return problems or _apart(texts, places)


def lint(
    text: str, *, file: str, path: str, template: str | None = None, language: str = Language.ZH.value
) -> list[Problem]:
    """What is wrong with one text: its syntax, or variables, fields, filters and tests that do not exist.

    With `template`, also variables that its rule does not say, and whatever keeps it from being rendered for an owner.
    """
    return [Problem(file, line, path, fault) for line, fault in _faults(text, template, language)]


@lru_cache(maxsize=1024)  # a pack is read once for each of its layers, with the same texts
def _faults(text: str, template: str | None, language: str) -> Sequence[tuple[int, str]]:
    environment = Environment(autoescape=False)
    environment.filters.update(dict.fromkeys(FILTERS, str))
    try:
        tree = environment.parse(text)
        faults = list(_unknown_helpers(tree, environment))
        faults += _unknown_names(tree, meta.find_undeclared_variables(tree), _known(template))
    except TemplateSyntaxError as error:
        return [(error.lineno, f"template: {error.message}")]
    if not faults and template is not None:
        faults = list(_unrendered(text, tree, base_of(template), language))
    return sorted(set(faults))


def _known(template: str | None) -> Mapping[str, frozenset[str] | None]:
    """The variables of a template: the common ones and what its rule says; all there are when it is not named.

    A text that no rule asks for is sent by people, and says what is common.
    """
    if template is None:
        return VARIABLES
    return {**COMMON, **dict.fromkeys(sorted(says(base_of(template)).every))}


def _unrendered(text: str, tree: nodes.Template, template: str, language: str) -> Iterator[tuple[int, str]]:
    """The first owner for whom the text cannot be put together, and why."""
    for owner in samples(template, language):
        try:
            render(text, owner, most=MOST_ON_PAPER if template.startswith(ON_PAPER) else MOST_RESULT)
        except TemplateError as error:
            yield _place(str(error), error.variable, tree)
            return


def _place(said: str, variable: str | None, tree: nodes.Template) -> tuple[int, str]:
    found = _LINE.match(said)
    if found:
        return int(found[1]), said[found.end() :]
    root = (variable or "").split(".")[0]
    lines = [name.lineno for name in tree.find_all(nodes.Name) if name.name == root]
    return lines[0] if lines else 1, f"cannot be rendered for every owner: {said}"


@lru_cache(maxsize=1024)
def _used(text: str) -> frozenset[str]:
    return frozenset(variables_of(text))


def _apart(texts: Mapping[str, Mapping[str, str]], places: Mapping[tuple[str, str], str]) -> list[Problem]:
    """Variables that one language uses and the other does not, and variants of a template that is not there."""
    problems: list[Problem] = []
    for language, by_template in sorted(texts.items()):
        for template, text in sorted(by_template.items()):
            file, path = places.get((language, template), language), f"templates.{language}.{template}"
            if base_of(template) != template and base_of(template) not in by_template:
                problems.append(Problem(file, 1, path, f"is a variant of {base_of(template)}, which is not there"))
            for other, texts_of_other in sorted(texts.items()):
                missing = _used(texts_of_other.get(template, text)) - _used(text)
                if missing := missing - SIGNED:
                    named = ", ".join(sorted(missing))
                    problems.append(Problem(file, 1, path, f"does not use {named}, which {other} does"))
    return problems


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


def _unknown_names(
    tree: nodes.Template, undeclared: set[str], variables: Mapping[str, frozenset[str] | None]
) -> Iterator[tuple[int, str]]:
    known = ", ".join(sorted(variables))
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and name.name in undeclared and name.name not in variables:
            unsaid = f"{name.name} is not said by the rule of this text"
            yield (
                name.lineno,
                f"{unsaid if name.name in VARIABLES else f'unknown variable {name.name}'}; there are {known}",
            )
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


def hints(texts: Templates, folder: Path) -> list[Problem]:
    """Messages that a text message cannot carry whole, and texts that no rule sends: valid, but worth saying."""
    found = [
        Problem(
            (folder / language / (template + SUFFIX)).as_posix(),
            1,
            f"templates.{language}.{template}",
            f"约 {size} 字,须 {parts} 条短信 / about {size} characters, {parts} text messages",
        )
        for language, by_template in sorted(texts.items())
        for template, text in sorted(by_template.items())
        if f"{template}.sms" not in by_template
        for size, parts in [_as_sms(text, base_of(template), language)]
        if parts > MOST_PARTS and not template.startswith(ON_PAPER)
    ]
    return found + list(_unasked(texts, folder))


def _as_sms(text: str, template: str, language: str) -> tuple[int, int]:
    """The length of a message to an ordinary owner, and in how many parts a phone receives it."""
    body = render(text, usual(template, language))
    return length(body), segments(body)


def _unasked(texts: Templates, folder: Path) -> Iterator[Problem]:
    """Texts under a rule's kind of name that no rule has: a typing mistake, or one for people to send."""
    for language, by_template in sorted(texts.items()):
        for template in sorted(by_template):
            rule = base_of(template).removeprefix(ON_PAPER[0]).removeprefix(ON_PAPER[1])
            if rule not in RULES and rule != MOVED:
                yield Problem(
                    (folder / language / (template + SUFFIX)).as_posix(), 1, f"templates.{language}.{template}",
                    "没有规则使用,仅供人工群发 / no rule sends it: it is for people to send",
                )  # fmt: skip
