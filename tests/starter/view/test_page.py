"""The page as a file: whole, small, and deaf to what it is told."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from starter.view import page, write_page
from starter.view.page import STATIC
from tests.starter.view.documents import HOSTILE, document, entry, life


class Elements(HTMLParser):
    """The elements of a page, and what its scripts hold."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self._inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._inside = tag == "script"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.scripts.append(data)
            self._inside = False


def hostile() -> dict[str, object]:
    why = {"code": HOSTILE, "params": {}}
    told = life()["facts"][0] | {"type": HOSTILE, "by": HOSTILE}
    one = entry(why=why, key=f"{HOSTILE}/epi_1/once", item=HOSTILE, role=HOSTILE, kind=HOSTILE, requirement=[HOSTILE])
    home = life(one, unit=HOSTILE, id=HOSTILE, owners=[{"ref": "zw", "name": HOSTILE}], facts=[told])
    refused = [{"id": HOSTILE, "type": HOSTILE, "reason": {"code": HOSTILE, "text": HOSTILE}}]
    return document(home, project={"code": HOSTILE, "name": HOSTILE}, refused=refused)


def test_a_hostile_name_stays_a_name() -> None:
    html = page(hostile())
    elements = Elements(html)

    data = json.loads(elements.scripts[0])
    assert [tag for tag, _ in elements.found].count("script") == 2
    assert "img" not in [tag for tag, _ in elements.found]
    assert data["lives"][0]["u"] == HOSTILE
    assert data["project"]["name"] == HOSTILE
    assert "\u2028" not in elements.scripts[0]


def test_a_name_that_looks_like_a_place_of_the_template_is_left_alone() -> None:
    html = page(document(life(unit="{{script}}"), project={"code": "XN", "name": "{{style}}"}))

    assert json.loads(Elements(html).scripts[0])["lives"][0]["u"] == "{{script}}"
    assert "<title>{{style}} · " in html


def test_the_page_asks_for_nothing_from_anywhere() -> None:
    html = page(document(life(entry())))
    elements = Elements(html).found

    outside = [value for _, attrs in elements for name, value in attrs.items() if name in ("src", "href")]
    assert outside == ["data:,"]
    assert not re.search(r"https?://|url\(|@import|fetch\(|XMLHttpRequest|innerHTML|insertAdjacentHTML|eval\(", html)
    policy = next(attrs["content"] for tag, attrs in elements if attrs.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'")


def test_ten_years_of_a_busy_life_fit_in_three_hundred_kilobytes() -> None:
    because = [{"code": "pulled-before-holiday", "params": {"was": f"2027-01-{day:02}"}} for day in range(1, 29)]
    items = [
        entry(key=f"signing.service-callback/epi_1/m{number}", occurrence=f"m{number}", because=[because[number % 28]])
        for number in range(400)
    ]

    assert len(page(document(life(*items))).encode()) <= 300_000


@pytest.mark.parametrize(("lang", "marked"), [("zh", "zh-CN"), ("en", "en")])
def test_the_page_opens_in_the_language_of_whoever_asked(lang: str, marked: str, tmp_path: Path) -> None:
    write_page(tmp_path / "life.html", document(life()), lang)

    assert f'<html lang="{marked}">' in (tmp_path / "life.html").read_text(encoding="utf-8")


def test_every_name_that_the_script_says_has_words() -> None:
    known = Elements(page(document(life(entry()))))
    labels = json.loads(known.scripts[0])["labels"]
    script = "".join(path.read_text(encoding="utf-8") for path in STATIC.glob("*.js"))

    assert set(re.findall(r'\bsay\("([\w-]+)"', script)) <= set(labels["page"])
    assert set(re.findall(r'\blabel\("([\w-]+)"', script)) <= set(labels)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_words_can_be_told_from_what_they_stand_on(scheme: int) -> None:
    css = (STATIC / "page.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\n\s*\}", css, re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", blocks[scheme]))
    stages = ("prospect", "signing", "pre-handover", "handover", "fit-out", "occupancy", "warranty-end")
    on_surface = [(name, "surface") for name in ("ink", "muted", "accent", "done", "open", "late", "ahead", "wrong")]
    pairs = [("ink", "bg"), ("muted", "bg"), ("ink", "sunken"), ("on-mark", "today"), *on_surface]
    pairs += [("ink", stage) for stage in stages]
    pairs += [("on-mark", group) for group in ("done", "open", "late", "wrong", "quiet")]

    for front, back in pairs:
        assert contrast(colours[front], colours[back]) >= 4.5, (front, back)
