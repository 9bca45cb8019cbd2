"""Options of activities, with a summary that Temporal's UI shows."""

from temporalio.workflow import ActivityConfig

SUMMARY_BYTES = 200  # what the server keeps: about 66 Chinese characters


def titled(options: ActivityConfig, title: str) -> ActivityConfig:
    """The options with a summary, cut to what the server keeps."""
    named = options.copy()
    named["summary"] = shortened(title)
    return named


def shortened(title: str) -> str:
    """The title in at most 200 bytes of UTF-8."""
    return title.encode()[:SUMMARY_BYTES].decode(errors="ignore")
