"""The page of an e-mail: readable in every mail program, on a phone, in the dark, with nothing fetched."""

import html
import re
from typing import Final

from journey.adapters.channels import Outgoing
from journey.domain.values import Language

# The system's own letters for the reader's script first: a page that names none shows Chinese in a Japanese face here
# and there.
_FONTS: Final = {
    "zh": "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','Source Han Sans SC','Heiti SC',sans-serif",
    "en": "-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif",
}
_TAGS: Final = {"zh": "zh-CN", "en": "en"}
_ENDS: Final = r"\s<>\"'“”‘’《》【】、。\uff01-\uff0f\uff1a-\uff1f"  # of a link in running text, Chinese marks too
_LINK: Final = re.compile(rf"https?://[^{_ENDS}]*[^{_ENDS}.,;:!?)]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]+")
_STYLE: Final = (
    ":root{{color-scheme:light dark}}"
    "body{{margin:0;padding:24px 12px;font-family:{fonts};font-size:16px;line-height:1.7}}"
    "main{{max-width:560px;margin:0 auto}}"
    "h1{{font-size:20px;line-height:1.4;margin:0 0 16px}}"
    "p{{margin:0 0 16px;overflow-wrap:anywhere}}"
)


def page(outgoing: Outgoing) -> str:
    """The text as a page of its own: subject, paragraphs, links; whatever a value holds is shown, never obeyed."""
    language = outgoing.language if outgoing.language in _FONTS else Language.ZH.value
    fonts = _FONTS[language]
    subject = html.escape(" ".join(_CONTROL.sub(" ", outgoing.subject).split()))
    text = _CONTROL.sub(" ", outgoing.body.replace("\r\n", "\n"))
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    shown = "\n".join(f"<p>{_linked(part)}</p>" for part in paragraphs)
    heading = f"<h1>{subject}</h1>\n" if subject else ""
    return (
        f'<!doctype html>\n<html lang="{_TAGS[language]}" dir="ltr">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{subject}</title>\n<style>{_STYLE.format(fonts=fonts)}</style>\n</head>\n"
        # Some mail programs drop the sheet and keep what stands at the element.
        f'<body style="font-family:{html.escape(fonts)}">\n<main>\n{heading}{shown}\n</main>\n</body>\n</html>\n'
    )


def _linked(paragraph: str) -> str:
    pieces: list[str] = []
    end = 0
    for found in _LINK.finditer(paragraph):
        address = html.escape(found.group())
        pieces += [html.escape(paragraph[end : found.start()]), f'<a href="{address}">{address}</a>']
        end = found.end()
    pieces.append(html.escape(paragraph[end:]))
    return "".join(pieces).replace("\n", "<br>")
