"""Packs on disk: the built-in one, its overlays, its hash, and errors that name file, line and path."""

import json
import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from journey.adapters.pack_files import Location, read_source, shown
from journey.adapters.packs import (
    PackError,
    Problem,
    available,
    available_overlays,
    load_pack,
    loaded,
    read_pack,
    schema,
)
from journey.domain.numbers.kernel import BreakerNumbers
from journey.domain.periods import Period
from tests.packs import BUILT_IN as PACK
from tests.packs import POLICIES, at, built_in, century_pack, copy_policies, problems_of, seconds_pack, spoil

BODY = read_source(POLICIES / PACK / "pack.yaml").document
# Younger than the first release: packs without them are read for ever.
YOUNGER = {
    ("time", "settle"), ("messages", "emergency_silence"), ("messages", "promo_hours"),
    ("warranty", "restart_on_repair"), ("pre_handover", "open_day", "rsvp_close"),
    ("contact", "acknowledged"),
}  # fmt: skip
TREE = YAML().load((POLICIES / PACK / "pack.yaml").read_text(encoding="utf-8"))


def dotted(value: object) -> str:
    return ".".join(map(str, value)) if isinstance(value, tuple) else str(value)


def names(node: Any, location: Location = ()) -> Iterator[Location]:
    """Every name of a mapping, sections too; entries of a list are alike, so the first speaks for all."""
    if location and isinstance(location[-1], str):
        yield location
    if location == ("broadcast", "feasts"):  # a feast that is left out is not greeted
        return
    children: Any = node.items() if isinstance(node, dict) else enumerate(node[:1]) if isinstance(node, list) else ()
    for step, child in children:
        yield from names(child, (*location, step))


def changed_numbers(node: Any, location: Location = ()) -> Iterator[tuple[Location, Any]]:
    """Every number, period and time of a document, each with another value of its kind."""
    if isinstance(node, dict | list):
        for step, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield from changed_numbers(child, (*location, step))
    elif isinstance(node, int) and not isinstance(node, bool):
        yield location, node + 1
    elif isinstance(node, str) and re.fullmatch(r"-?\d+(y|mo|wd|d|h|min|s)", node):
        yield location, "11d"
    elif isinstance(node, str) and re.fullmatch(r"\d\d:\d\d", node):
        hour, minute = node.split(":")
        yield location, f"{hour}:{int(minute) + (1 if minute < '59' else -1):02}"


def kinds(found: Iterable[Location]) -> list[Location]:
    """Duties are alike: the first of each name speaks for all that bear it."""
    seen: dict[object, Location] = {}
    for location in found:
        name = next(step for step in reversed(location) if isinstance(step, str))
        seen.setdefault(name if len(location) > 1 else location, location)
    return list(seen.values())


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    return copy_policies(tmp_path)


def test_the_built_in_pack_loads_with_the_numbers_of_the_standard() -> None:
    pack = built_in().pack

    assert pack.signing.keeper_contact.within == Period.parse("7d")
    assert pack.messages.cap_per_month == 4
    assert pack.warranty.notices == (Period.parse("-2mo"), Period.parse("-30d"), Period.parse("-7d"))


def test_the_document_is_json_and_gives_the_same_pack_and_hash_again() -> None:
    shipped = built_in()

    again = loaded(json.loads(json.dumps(shipped.document)))

    assert again == shipped
    assert read_pack(shipped.document) == shipped.pack


def test_the_document_carries_each_template_in_both_languages() -> None:
    templates = built_in().document["templates"]

    assert templates["zh"].keys() == templates["en"].keys()
    assert {"signing.keeper-welcome", "signing.read-contract", "warranty.expiry-notice", "moved"} <= templates[
        "zh"
    ].keys()


def test_a_pack_published_before_a_number_was_known_still_reads() -> None:
    document = built_in().document
    for name in ("emergency_silence", "promo_hours", "breaker"):
        del document["messages"][name]
    del document["time"]["settle"]
    del document["contact"]["acknowledged"]

    pack = read_pack(document)

    assert pack.time.settle == Period.parse("10min")
    assert pack.messages.emergency_silence == Period.parse("72h")
    assert pack.messages.breaker == BreakerNumbers()
    assert pack.contact is not None
    assert pack.contact.acknowledged == ()


def _is_younger(location: Location) -> bool:
    prices = location[:3] == ("broadcast", "control", "prices") and len(location) > 3  # each of which may be missing
    return location in YOUNGER or location[:2] == ("messages", "breaker") or prices


# Each takes a tenth of a second: these few are looked at always, the rest with the slow tests.
ALWAYS = (("signing",), ("posts", "keeper", "zh"), ("fit_out",), ("warranty", "components", 0, "owner"))


@pytest.mark.parametrize(
    "location",
    [
        one if one in ALWAYS else pytest.param(one, marks=pytest.mark.slow)
        for one in kinds([*ALWAYS, *(one for one in names(BODY) if not _is_younger(one))])
    ],
    ids=dotted,
)
def test_whatever_is_missing_is_named_with_the_line_of_its_section(location: Location, tmp_path: Path) -> None:
    tree = deepcopy(TREE)
    del at(tree, location[:-1])[location[-1]]
    file = tmp_path / PACK / "pack.yaml"
    file.parent.mkdir()
    YAML().dump(tree, file)

    problems = problems_of(tmp_path)

    left = read_source(file)
    line = left.places[location[:-1]].line if location[:-1] else 1
    assert problems == [Problem(file.as_posix(), line, shown(left.document, location), "is missing")]


@pytest.mark.parametrize(
    ("old", "new", "path", "text"),
    [
        ("keeper_contact:", "keeper_contct:", "signing.keeper_contct", "did you mean keeper_contact?"),
        ("within: 7d  # S3", "within: 7  # S3", "signing.keeper_contact.within", "mo (months)"),
        ("within: 7d  # S3", "within: 7wk  # S3", "signing.keeper_contact.within", "mo (months)"),
        ("task_due: 18:00", "task_due: 25:00", "time.task_due", "valid time format"),
        ("attempts: 3  # D", "attempts: 0  # D", "signing.keeper_contact.attempts", "greater than or equal to 1"),
        (
            "component: wet-room",
            "component: wetroom",
            "warranty.components.wetroom.component",
            "did you mean wet-room?",
        ),
        ("stands_in: sales", "stands_in: sale", "posts.project-cs.stands_in", "'sales'"),
        ("  legal: {", "  lagal: {", "posts.lagal", "did you mean legal?"),
        ("    care: [09", "    caer: [09", "messages.windows.caer", "did you mean care?"),
        ("pack: cn-residential", "pack: cn-office", "pack", "the name on disk is cn-residential"),
        ("zone: Asia/Shanghai", "zone: Asia/Shanghia", "zone", "no IANA time zone"),
        ("language: zh", "language: fr", "language", "'zh' or 'en'"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_path(policies: Path, old: str, new: str, path: str, text: str) -> None:
    file = policies / PACK / "pack.yaml"
    line = spoil(file, old, new)

    problems = problems_of(policies)

    found = next(problem for problem in problems if text in problem.text)
    assert (found.file, found.line, found.path) == (file.as_posix(), line, path)


@pytest.mark.parametrize(
    ("old", "new", "path", "text"),
    [
        ("escalates_to: group-cs", "escalates_to: property-cs", "posts", "runs in a circle"),
        ("component: wet-room", "component: structure", "warranty.components", "components named twice: structure"),
    ],
)
def test_a_mistake_of_a_whole_section_is_named_with_the_line_where_it_begins(
    policies: Path, old: str, new: str, path: str, text: str
) -> None:
    file = policies / PACK / "pack.yaml"
    spoil(file, old, new)

    (problem,) = problems_of(policies)

    assert (problem.path, problem.line) == (path, read_source(file).places[tuple(path.split("."))].line)
    assert text in problem.text


def test_all_mistakes_of_a_pack_and_its_templates_are_told_at_once(policies: Path) -> None:
    file = policies / PACK / "pack.yaml"
    spoil(file, "cap_per_month: 4", "cap_per_mnth: 4")
    spoil(file, "component: lift", "component: elevator")
    spoil(file, "season_from: 11-15", "season_from: 15-11")
    spoil(policies / PACK / "templates/zh/moved.j2", "unit.code", "unit.number")

    problems = problems_of(policies)

    assert [problem.path for problem in problems] == [
        "messages.cap_per_month",
        "messages.cap_per_mnth",
        "warranty.components.elevator.component",
        "warranty.season_from",
        "templates.zh.moved",
    ]


def test_an_unknown_pack_and_overlay_are_told_with_those_that_exist() -> None:
    with pytest.raises(PackError, match="unknown pack cn-residental; there is cn-residential"):
        load_pack(POLICIES, "cn-residental")
    with pytest.raises(PackError, match=r"unknown overlay zheijang; there is .*zhejiang"):
        load_pack(POLICIES, PACK, ["zheijang"])


def test_the_packs_and_overlays_of_a_folder_are_listed(policies: Path) -> None:
    assert available(policies) == [PACK]
    assert {"shandong", "zhejiang"} <= set(available_overlays(policies))


def test_a_template_missing_in_one_language_is_named(policies: Path) -> None:
    file = policies / PACK / "templates" / "en" / "moved.j2"
    file.unlink()

    problems = problems_of(policies)

    assert problems == [Problem(file.as_posix(), 1, "templates.en.moved", "template missing")]


def test_the_hash_stays_when_only_comments_change(policies: Path) -> None:
    spoil(policies / PACK / "pack.yaml", "within: 7d  # S3", "within: 7d   # another source")

    assert load_pack(policies, PACK).hash == built_in().hash


CHANGED = dict(changed_numbers(BODY))


@pytest.mark.parametrize("location", kinds(CHANGED), ids=dotted)
def test_the_hash_changes_with_any_number(location: Location) -> None:
    shipped, value = built_in(), CHANGED[location]
    at(shipped.document, location[:-1])[location[-1]] = value
    if location[:2] == ("warranty", "notices"):  # what only the silent get is one of the notices
        shipped.document["warranty"]["silent_only"] = []
    if location[:2] == ("warranty", "silent_only"):
        shipped.document["warranty"]["notices"].append(value)
    if location[:2] in (("messages", "call_hours"), ("fit_out", "work_hours")):  # hours begin before they end
        at(shipped.document, location[:-1]).sort()

    changed = loaded(shipped.document)

    assert changed.hash != shipped.hash


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_hash_changes_with_any_template(policies: Path, language: str) -> None:
    before = built_in().hash

    for file in (policies / PACK / "templates" / language).iterdir():
        text = file.read_text(encoding="utf-8")
        file.write_text(text + "!", encoding="utf-8")
        changed = load_pack(policies, PACK).hash
        file.write_text(text, encoding="utf-8")

        assert changed != before


def test_a_stored_document_that_is_no_pack_is_refused_by_path() -> None:
    document = {**built_in().document, "zone": None}

    with pytest.raises(PackError) as caught:
        read_pack(document)

    assert [(problem.line, problem.path) for problem in caught.value.problems] == [(0, "zone")]


def test_the_schema_for_editors_names_every_section() -> None:
    assert set(schema()["required"]) == BODY.keys()


def test_the_pack_of_seconds_counts_no_day_month_or_year() -> None:
    document = seconds_pack().document

    periods = [
        Period.parse(value)
        for section in ("kernel", "signing")
        for duty in document[section].values()
        for value in duty.values()
        if isinstance(value, str)
    ]
    terms = [term.owner for term in seconds_pack().pack.warranty.components]
    assert all(period.is_subday for period in periods)
    assert {str(term) for term in terms} == {f"{seconds}s" for seconds in range(6, 15)}


def test_the_busy_pack_asks_for_a_hundred_notices_in_ten_years() -> None:
    warranty = century_pack().pack.warranty

    terms = {str(term.owner) for term in warranty.components}
    assert len(terms) * len(warranty.notices) >= 100
