"""Templates: their versions, who approved which, a preview for a masked owner, a test to the operator himself."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from journey import providing
from journey.store import audit, template_queries, template_tests
from journey.store.queries import find_journey
from journey.store.template_queries import DEFAULT_PACK
from starter import templates
from starter.api import bodies
from starter.api.answers import ListOf
from starter.api.auth import Reader, Writer
from starter.api.context import Api, Parts
from starter.api.language import Language
from starter.api.once import OnlyOnce, answered
from starter.api.parameters import Id
from starter.api.template_answers import (
    TemplateDiff,
    TemplatePreview,
    TemplateRow,
    TemplateShown,
    TestShown,
    WordKept,
)
from starter.templates import TestBody, WordBody

router = APIRouter(prefix="/v1/templates", tags=["templates"])
OfPack = Annotated[str, Query(max_length=200, description="The pack, with overlays: cn-residential+zhejiang.")]
InLanguage = Literal["zh", "en"]


@router.get("", response_model=ListOf[TemplateRow])
async def list_templates(caller: Reader, api: Parts, lang: Language, pack: OfPack = DEFAULT_PACK) -> Any:
    """The templates of the version of a pack that holds now, and whether their newest texts go out."""
    rows = await api.store.read(template_queries.list_templates, api.shelf, pack, await api.clock.now(), lang)
    return {"data": rows, "next_cursor": None}


@router.get("/tests/{test}", response_model=TestShown)
async def get_test(test: Id, caller: Reader, api: Parts) -> Any:
    """A test send and how it ended."""
    return await api.store.read(template_tests.test_view, test)


@router.get("/{template}", response_model=TemplateShown)
async def get_template(template: Id, caller: Reader, api: Parts, lang: Language, pack: OfPack = DEFAULT_PACK) -> Any:
    """One template: every version of its texts and everything that was said of them."""
    now = await api.clock.now()
    return await api.store.read(template_queries.template_view, api.shelf, template, pack, now, lang)


@router.get("/{template}/diff", response_model=TemplateDiff)
async def diff_template(
    template: Id,
    caller: Reader,
    api: Parts,
    before: Annotated[str, Query(pattern="^[0-9a-f]{6,64}$", description="The beginning of a version's hash.")],
    language: InLanguage = "zh",
    after: Annotated[str | None, Query(pattern="^[0-9a-f]{6,64}$", description="The newest without it.")] = None,
    pack: OfPack = DEFAULT_PACK,
) -> Any:
    """What differs between two versions of a text, line by line."""
    now = await api.clock.now()
    version = await api.store.read(template_queries.version_on, api.shelf, pack, now)
    old, new = (
        template_queries.named_version(api.shelf, version.hash, template, language, each) for each in (before, after)
    )
    lines = template_queries.difference(old, new)
    return {"template": template, "language": language, "before": old.hash, "after": new.hash, "lines": lines}


@router.get("/{template}/preview", response_model=TemplatePreview)
async def preview_template(
    template: Id,
    caller: Reader,
    api: Parts,
    journey: Annotated[str, Query(max_length=200, description="Its id, or PROJECT/UNIT.")],
    language: Annotated[InLanguage | None, Query(description="Default: the owner's.")] = None,
) -> Any:
    """A template for the first owner of a home, masked: text, length, parts and price, by channel."""
    now = await api.clock.now()
    found = await templates.preview(api.store, api.shelf, template, journey, now, language)
    home = await api.store.read(find_journey, journey)
    # Written before anything is shown: nobody reads without a trace.
    await api.store.write(audit.append, now, caller.id, "template.previewed", home, {"template": template})
    return found


@router.post("/{template}/approvals", response_model=WordKept, openapi_extra=bodies.documented(WordBody))
async def say_of_template(template: Id, request: Request, caller: Writer, api: Parts, once: OnlyOnce) -> Response:
    """A post's or a provider's word on a version: draft, submitted, approved or rejected."""
    body = await bodies.read_json(request)

    async def keep() -> Response:
        now = await api.clock.now()
        said = await templates.say(api.store, api.shelf, template, body, now, caller.id, _carriers(api))
        return answered(said)

    return await once.run(body, keep)


@router.post("/{template}/test", response_model=TestShown, status_code=201, openapi_extra=bodies.documented(TestBody))
async def send_test(template: Id, request: Request, caller: Writer, api: Parts, once: OnlyOnce) -> Response:
    """Send a text to an address of the operator's own, marked as a test; never to an owner, and in no cap."""
    body = await bodies.read_json(request)

    async def send() -> Response:
        test = await templates.ask_test(api.store, api.shelf, template, body, await api.clock.now(), caller.id)
        await api.doors.try_text(test)
        shown = await api.store.read(template_tests.test_view, test)
        return answered(shown, 201, location=f"/v1/templates/tests/{test}")

    return await once.run(body, send)


def _carriers(api: Api) -> set[str]:
    """The providers of the installation; none for a file that cannot be used, which the doctor reports."""
    try:
        return {one.provider for one in providing.carried(api.settings) if one.address is not None}
    except providing.ProvidersError:
        return set()
