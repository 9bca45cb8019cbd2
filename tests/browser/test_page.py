"""The drawn page in a real browser: without a network, by keyboard, in both languages, on a small screen."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, async_playwright

from starter.view import write_page
from tests.browser.finding import ADVICE, browser
from tests.starter.view.documents import HOSTILE, document, entry, life
from tests.starter.view.test_page import hostile

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
BECAUSE = {"code": "pulled-before-holiday", "params": {"was": "2026-02-17"}}
AHEAD = entry(
    key="handover.notice/epi_1/once", item="handover.notice", kind="notice", role=None, at=None, outcome="planned",
    due="2026-08-01T08:00:00+08:00", expected="planned@2026-08-01T08:00:00+08:00",
)  # fmt: skip
LATE = entry(
    key="signing.filing/epi_1/once", item="signing.filing", kind="task", role="sales", outcome="open", at=None,
    due="2026-05-01T18:00:00+08:00", expected="escalated@2026-05-01T18:00:00+08:00",
    steps=[{"at": "2026-05-02T18:00:00+08:00", "step": "escalated", "to": "general-manager"}],
)  # fmt: skip
LOAD = {
    "by": "week", "from": "2026-06-01", "until": "2026-06-07", "overdue": {"posts": {"sales": 1}, "messages": {}},
    "periods": [{"from": "2026-06-01", "until": "2026-06-07", "posts": {"keeper": 3}, "messages": {"care": 1}}],
    "beyond": {"posts": {}, "messages": {}},
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    path = browser()
    if path is None:
        pytest.fail(ADVICE)
    async with async_playwright() as driver:
        opened = await driver.chromium.launch(executable_path=path, args=list(QUIET))
        yield opened
        await opened.close()


class Reader:
    """A person at a page: what the browser complained of, and what it asked the network for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))

    async def read(self, path: Path) -> Page:
        """Open a file."""
        await self.page.goto(path.as_uri())
        return self.page


async def left_of(what: Locator) -> float:
    """Where it begins on the screen."""
    box = await what.bounding_box()
    assert box is not None
    return box["x"]


@pytest_asyncio.fixture(loop_scope="session")
async def reader(chromium: Browser) -> AsyncIterator[Reader]:
    context = await chromium.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    yield Reader(await context.new_page())
    await context.close()


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    path = tmp_path / "lives.html"
    homes = [life(entry(because=[BECAUSE]), AHEAD, LATE, id=f"jrn_{n}", unit=f"3-1-{n}") for n in range(2)]
    write_page(path, document(*homes, load=LOAD))
    return path


async def test_the_page_opens_without_a_network_and_without_a_complaint(reader: Reader, drawn: Path) -> None:
    page = await reader.read(drawn)

    assert await page.locator(".life").count() == 2
    assert reader.complaints == []
    assert [url for url in reader.asked if not url.startswith(("file:", "data:"))] == []


async def test_the_keyboard_alone_reaches_the_reason_of_an_item(reader: Reader, drawn: Path) -> None:
    page = await reader.read(drawn)

    for _ in range(80):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.closest('.lane.contacts') !== null"):
            break
    glanced = await page.locator("#card").inner_text()
    await page.keyboard.press("Enter")
    pinned = await page.evaluate("document.activeElement.id")
    await page.keyboard.press("Escape")

    assert "原定 2026-02-17,遇节假日" in glanced
    assert pinned == "card"
    assert await page.locator("#card").is_hidden()
    assert await page.evaluate("document.activeElement.classList.contains('mark')")


async def test_arrows_move_along_a_lane(reader: Reader, drawn: Path) -> None:
    page = await reader.read(drawn)
    lane = page.locator(".life").first.locator(".lane.stages .mark")

    await lane.first.focus()
    await page.keyboard.press("ArrowRight")
    second = await page.evaluate("document.activeElement.getAttribute('aria-label')")
    await page.keyboard.press("Home")

    assert second.startswith("交付前")
    assert (await page.evaluate("document.activeElement.getAttribute('aria-label')")).startswith("潜在客户")


async def test_a_tap_shows_the_reason_and_another_closes_it(reader: Reader, drawn: Path) -> None:
    page = await reader.read(drawn)

    await page.locator(".lane.work .mark").first.click()
    shown = await page.locator("#card").inner_text()
    await page.locator("h1").click()

    assert "总经理" in shown
    assert await page.locator("#card").is_hidden()


async def test_every_mark_tells_those_who_hear_the_page_what_it_is(reader: Reader, drawn: Path) -> None:
    page = await reader.read(drawn)

    names = await page.locator("button").evaluate_all("all => all.map(one => one.ariaLabel || one.innerText.trim())")

    assert [name for name in names if not name] == []
    assert await page.locator(".track:not([aria-label])").count() == 0


async def test_the_reader_switches_the_language_of_everything(reader: Reader, drawn: Path) -> None:
    page = await reader.read(drawn)

    await page.get_by_role("button", name="English").click()
    await page.get_by_role("button", name="As a list").click()

    said = await page.locator("main").inner_text()
    assert await page.evaluate("document.documentElement.lang") == "en"
    assert "Was 2026-02-17; pulled to the last working day before the holiday" in said
    assert [character for character in said if "\u4e00" <= character <= "\u9fff" and character != "张"] == []


async def test_past_and_ahead_and_overdue_are_told_apart(reader: Reader, drawn: Path) -> None:
    page = await reader.read(drawn)
    home = page.locator(".life").first

    today = await left_of(page.locator(".today"))
    ahead = await left_of(home.locator(".mark.ahead").first)
    done = await left_of(home.locator(".mark.g-done").first)

    assert done < today < ahead
    assert await home.locator(".mark.g-late b").inner_text() == "!"


async def test_filters_leave_what_fits(reader: Reader, drawn: Path) -> None:
    page = await reader.read(drawn)
    marks = page.locator(".lane:not(.facts, .stages, .covers) .mark")
    everything = await marks.count()

    await page.locator('[data-tool="g-late"]').click()
    late = await marks.count()
    await page.locator('[data-tool="post"]').select_option("keeper")

    assert (everything, late, await marks.count()) == (6, 2, 0)


async def test_zooming_in_widens_the_axis_and_keeps_today_in_sight(reader: Reader, drawn: Path) -> None:
    page = await reader.read(drawn)
    before = await page.locator(".plane").evaluate("one => one.offsetWidth")

    await page.locator('[data-tool="span-month"]').click()

    assert await page.locator(".plane").evaluate("one => one.offsetWidth") > before
    assert 0 < await left_of(page.locator(".today")) < 1280


async def test_a_busy_month_is_one_mark_with_a_number_that_opens_into_its_items(reader: Reader, tmp_path: Path) -> None:
    due = [f"2026-03-{day:02}T18:00:00+08:00" for day in range(1, 29)]
    busy = [entry(key=f"signing.filing/epi_1/{when}", at=None, outcome="planned", due=when) for when in due]
    far = entry(key="warranty.joint-check/epi_1/x", at=None, outcome="planned", due="2036-03-01T18:00:00+08:00")
    write_page(tmp_path / "busy.html", document(life(*busy, far)))
    page = await reader.read(tmp_path / "busy.html")

    mark = page.locator(".lane.contacts .mark").first
    number = await mark.inner_text()
    await mark.click()

    assert number == "28"
    assert await page.locator("#card .many li").count() == 28


@pytest.mark.parametrize("width", [390, 1024, 1440])
async def test_nothing_runs_over_the_edge_of_the_screen(reader: Reader, drawn: Path, width: int) -> None:
    await reader.page.set_viewport_size({"width": width, "height": 844})
    page = await reader.read(drawn)
    await page.get_by_role("button", name="列表").click()

    assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_hostile_names_run_nothing(reader: Reader, tmp_path: Path) -> None:
    write_page(tmp_path / "hostile.html", hostile())
    page = await reader.read(tmp_path / "hostile.html")

    for mark in await page.locator(".mark").all():
        await mark.dispatch_event("click")
    await page.get_by_role("button", name="列表").click()

    assert await page.evaluate("window.hacked") is None
    assert await page.locator(".life h2").evaluate("one => one.textContent") == HOSTILE
    assert await page.locator("script").count() == 2
    assert reader.complaints == []


async def test_dark_and_light_follow_the_reader(reader: Reader, drawn: Path) -> None:
    page = await reader.read(drawn)
    colours = []
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        colours.append(await page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))

    assert len(set(colours)) == 2


async def test_printing_shows_the_list_and_leaves_the_tools_out(reader: Reader, drawn: Path) -> None:
    page = await reader.read(drawn)

    await page.evaluate("dispatchEvent(new Event('beforeprint'))")
    await page.emulate_media(media="print")

    assert await page.locator("table").count() == 2
    assert await page.locator("#language").is_hidden()
