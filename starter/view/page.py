"""One HTML page that holds its data, its styles and its script; whatever it is told, it runs nothing of it."""

import json
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any, Final

from starter.view.compact import compact
from starter.view.words import PAGE

STATIC: Final = Path(__file__).parent / "static"
SCRIPTS: Final = ("words.js", "scale.js", "card.js", "marks.js", "chart.js", "load.js", "list.js", "page.js")
_PLACE: Final = re.compile(r"\{\{([a-z-]+)\}\}")
# Inside a script element only these could end it or break a line of it.
_IN_SCRIPT: Final = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def page(document: Mapping[str, Any], lang: str = "zh") -> str:
    """The page of a lives document, opened in `lang`; the reader may switch."""
    data = compact(document)
    parts = {
        "lang": "en" if lang == "en" else "zh-CN",
        "title": escape(f"{data['project'].get('name') or data['project']['code']} · {PAGE['title'][lang == 'en']}"),
        "no-script": escape(" / ".join(PAGE["no-script"])),
        "style": _text("page.css"),
        "data": embedded(data),
        "script": "\n".join(_text(name) for name in SCRIPTS),
    }
    return _PLACE.sub(lambda found: parts[found[1]], _text("page.html"))


def write_page(path: Path, document: Mapping[str, Any], lang: str = "zh") -> None:
    """Write the page of a lives document to a file."""
    path.write_text(page(document, lang), encoding="utf-8")


def embedded(data: Any) -> str:
    """JSON that may stand inside a script element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character, code in _IN_SCRIPT.items():
        text = text.replace(character, code)
    return text


def _text(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")
