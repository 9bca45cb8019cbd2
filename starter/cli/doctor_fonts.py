"""What the doctor says of the letters that paper is set in."""

from journey.settings import Settings
from starter.cli.findings import Finding

CHECK = "letter-font"


def font_finding(settings: Settings) -> Finding:
    """Whether letters embed a Chinese font; without one their readers' viewers stand in, which no print shop likes."""
    from journey.printing import STANDARD, letter_font

    name = letter_font(settings)
    if name is not None:
        return Finding(CHECK, "ok", f"信函嵌入字体 {name}", f"letters embed {name}")
    if settings.letter_font == STANDARD:
        return Finding(CHECK, "note", "按设置,信函不嵌入字体", "letters embed no font, as the settings say")
    return Finding(
        CHECK, "note",
        "未找到中文字体,信函不嵌入字体:请安装 Noto CJK(Debian:fonts-noto-cjk)或设置 JOURNEY_LETTER_FONT",
        "no Chinese font is found, so letters embed none: install Noto CJK (Debian: fonts-noto-cjk), or set "
        "JOURNEY_LETTER_FONT",
    )  # fmt: skip
