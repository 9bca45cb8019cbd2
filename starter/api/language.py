"""The language that somebody is answered in: 中文 unless English is asked for."""

from collections.abc import Iterator
from typing import Annotated, Literal, TypeAlias

from fastapi import Depends, Header, Query, Request

Lang: TypeAlias = Literal["zh", "en"]


def preferred(accept_language: str | None) -> Lang:
    """The better liked of the two languages in an `Accept-Language` header; 中文 when it names neither."""
    zh, en = (max(_weights(accept_language or "", lang), default=0.0) for lang in ("zh", "en"))
    return "en" if en > zh else "zh"


def language_of(request: Request) -> Lang:
    """The language of an answer to this request, whatever else is wrong with it."""
    told = request.query_params.get("lang")
    if told in ("zh", "en"):
        return "en" if told == "en" else "zh"
    return preferred(request.headers.get("accept-language"))


def _weights(accept_language: str, lang: str) -> Iterator[float]:
    for part in accept_language.split(","):
        tag, _, weight = part.strip().partition(";q=")
        if tag.strip().lower().split("-")[0] == lang:
            yield _number(weight)


def _number(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


def _language(
    lang: Annotated[Lang | None, Query(description="Language of texts; before Accept-Language.")] = None,
    accept_language: Annotated[str | None, Header()] = None,
) -> Lang:
    return lang or preferred(accept_language)


Language = Annotated[Lang, Depends(_language)]
