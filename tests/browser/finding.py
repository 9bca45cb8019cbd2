"""Which browser the tests drive; as a program it says so, and how to get one: `python -m tests.browser.finding`."""

import os
import shutil
import sys
from pathlib import Path
from typing import Final

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ADVICE: Final = (
    "No browser was found for the tests of the drawn pages. 没有找到可用于页面测试的浏览器。\n"
    "  make browser                       installs Chromium and Chinese fonts (Debian, Ubuntu, as root)\n"
    "  TEST_BROWSER=/path/to/chromium     names one that is there\n"
)


def browser() -> str | None:
    """The path of a Chromium: the one that TEST_BROWSER names, else the first on the path."""
    named = os.environ.get("TEST_BROWSER")
    if named:
        return named if Path(named).exists() else None
    return next((found for name in NAMES if (found := shutil.which(name))), None)


if __name__ == "__main__":
    found = browser()
    sys.stdout.write(f"{found}\n" if found else "")
    sys.stderr.write("" if found else ADVICE)
    sys.exit(0 if found else 1)
