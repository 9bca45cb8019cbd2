"""Write `letters.pdf`, a print run of two letters. Every name is made up; the date is fixed.

Run `python docs/samples/make_letters.py [FONT]`; without a font it names the standard one, and embeds nothing.
"""

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from journey.adapters.printing.run import print_letters
from journey.adapters.templates import MOST_ON_PAPER, render
from journey.domain.references import with_check
from journey.domain.stationery import Cover, Letter, Letterhead, Missing, Recipient, read_text

FOLDER: Final = Path(__file__).resolve().parent
TEMPLATES: Final = FOLDER.parents[1] / "policies" / "cn-residential" / "templates"
PRINTED: Final = datetime(2026, 6, 1, 1, tzinfo=UTC)
HEAD: Final = Letterhead("香年", "成都", "成都香年置业有限公司", "成都市示例路 1 号", "400-000-0000")
OWNERS: Final = (
    ("zh", "张伟", "四川省成都市示例路88号2栋1单元1202室", "610000", "3-1-1202"),
    ("en", "Ann Smith", "1 Example Road, Singapore", "238801", "3-1-1203"),
)


def letter(number: int) -> Letter:
    """The formal notice to one of the owners, in the words of the pack."""
    language, name, address, postcode, unit = OWNERS[number]
    text = (TEMPLATES / language / "letter.handover.formal-notice.j2").read_text(encoding="utf-8")
    known = {"owner": {"name": name}, "unit": {"code": unit}, "project": {"name": HEAD.project}}
    title, paragraphs = read_text(render(text, {**known, "handover_on": date(2026, 6, 27)}, most=MOST_ON_PAPER))
    to = Recipient(name, address, postcode)
    reference = with_check(f"SAMP{number:05}")
    return Letter(reference, language, date(2026, 6, 1), HEAD, to, title, paragraphs, unit, "书面交付通知")


def sample(font: Path | None) -> bytes:
    """The print run."""
    missing = [Missing("3-1-1204", "李娜", "书面交付通知", "no-address")]
    cover = Cover("run_sample", HEAD, "批次 3", "2026-06-01 09:00", "zh", missing)
    return print_letters([letter(0), letter(1)], cover, PRINTED, font).pdf


if __name__ == "__main__":
    (FOLDER / "letters.pdf").write_bytes(sample(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
