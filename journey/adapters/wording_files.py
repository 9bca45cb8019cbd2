"""What stands beside the texts of a pack: `templates.yaml` and `answers/ID.yaml`, read and checked with their lines."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from journey.adapters.pack_files import PackError, Problem, Source, read_source
from journey.adapters.pack_problems import worded
from journey.adapters.template_lint import Templates, lint
from journey.domain.rules import RULES
from journey.domain.wording import LANGUAGES, AnswerText, Wording, base_of, expression

SPECS: Final = "templates.yaml"
ANSWERS: Final = "answers"


def read_wording(folder: Path, texts: Templates) -> tuple[dict[str, Any], list[Problem]]:
    """`templates.yaml` of a pack's folder as it is stored, empty when there is none, and what is wrong with it."""
    if not (folder / SPECS).is_file():
        return {}, []
    try:
        source = read_source(folder / SPECS)
    except PackError as error:
        return {}, error.problems
    return source.document, check_wording(source, texts)


def check_wording(source: Source, texts: Mapping[str, Mapping[str, str]]) -> list[Problem]:
    """What is wrong with the document of `templates.yaml`: its form, and what does not fit the texts."""
    try:
        wording = Wording.model_validate(source.document)
    except ValidationError as error:
        return worded(error, source)
    problems = list(_without_text(source, wording, texts))
    problems += _subjects(source, wording)
    problems += _parameters(source, wording)
    return problems + list(_without_opt_out(source, wording, texts))


def read_answers(folder: Path) -> tuple[dict[str, Any], list[Problem]]:
    """The approved answers of a pack by id, as they are stored, and what is wrong with them."""
    answers: dict[str, Any] = {}
    problems: list[Problem] = []
    for file in sorted((folder / ANSWERS).glob("*.yaml")):
        try:
            source = read_source(file)
        except PackError as error:
            problems += error.problems
            continue
        answers[file.stem] = source.document
        problems += check_answer(source)
    return answers, problems


def check_answer(source: Source) -> list[Problem]:
    """What is wrong with an answer of a pack: its form, an unknown rule, nobody who approved it."""
    try:
        answer = AnswerText.model_validate(source.document)
    except ValidationError as error:
        return worded(error, source)
    unknown = [rule for rule in answer.rules if rule not in RULES]
    problems = [source.problem(("rules",), f"there is no rule {rule}") for rule in unknown]
    if not answer.approved_by:
        problems.append(source.problem(("approved_by",), "names nobody: an answer of a pack is an approved one"))
    return problems


def _without_text(source: Source, wording: Wording, texts: Mapping[str, Mapping[str, str]]) -> Iterator[Problem]:
    there = {template for by_template in texts.values() for template in by_template}
    for template in wording.templates:
        if template not in there:
            yield source.problem(("templates", template), "there is no text of that name")


def _subjects(source: Source, wording: Wording) -> Iterator[Problem]:
    """Subjects are texts with variables, as the messages are."""
    for template, subject in ((name, spec.subject) for name, spec in wording.templates.items()):
        for language in LANGUAGES if subject is not None else ():
            text = subject.said(language) if subject is not None else ""
            place = source.place(("templates", template, "subject", language))
            path = f"templates.{template}.subject.{language}"
            for found in lint(text, file=place.file, path=path, template=template, language=language):
                yield Problem(place.file, place.line, path, found.text)


def _parameters(source: Source, wording: Wording) -> Iterator[Problem]:
    """A provider's parameter is filled by what the text itself may use."""
    for template, spec in wording.templates.items():
        for provider, by_language in spec.providers.items():
            for language, known in by_language.items():
                for name, filled in known.params.items():
                    at = ("templates", template, "providers", provider, language, "params", name)
                    place, path = source.place(at), ".".join(at)
                    for found in parameter_problems(template, language, filled):
                        yield Problem(place.file, place.line, path, found)


def parameter_problems(template: str, language: str, filled: str) -> list[str]:
    """What is wrong with the variable that fills a provider's parameter."""
    found = lint(expression(filled), file="", path="", template=template, language=language)
    return [problem.text for problem in found]


def _without_opt_out(source: Source, wording: Wording, texts: Mapping[str, Mapping[str, str]]) -> Iterator[Problem]:
    """A marketing text says how to have no more of them, each time (消费者权益保护法 art. 29, C8)."""
    for template, spec in wording.templates.items():
        if spec.class_ != "marketing":
            continue
        at = ("templates", template, "class")
        if wording.opt_out is None:
            yield source.problem(at, "a marketing text needs opt_out: the words by which a reader has no more of them")
            continue
        for language, by_template in sorted(texts.items()):
            for name in sorted(by_template):
                if base_of(name) == template and wording.opt_out.said(language) not in by_template[name]:
                    words = wording.opt_out.said(language)
                    yield source.problem(at, f"the {language} text of {name} lacks the opt-out words «{words}»")
