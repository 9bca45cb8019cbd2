"""Every process logs through one handler, and no line holds personal data."""

import io
import json
import logging
from typing import Any

import structlog

from journey.observability import about


def written(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_our_lines_and_those_of_libraries_leave_by_one_handler(lines: io.StringIO) -> None:
    structlog.get_logger("ours").info("message.sent", template="welcome")
    logging.getLogger("theirs").warning("disk %s is full", "a")

    first, second = written(lines)
    assert (first["event"], first["template"], first["level"]) == ("message.sent", "welcome", "info")
    assert (second["event"], second["logger"]) == ("disk a is full", "theirs")


def test_a_phone_and_an_address_are_masked_wherever_they_stand(lines: io.StringIO) -> None:
    structlog.get_logger().info("told", reason="called +86 13800138000", seen=[{"by": "zhang.wei@example.com"}])

    text = lines.getvalue()
    assert "13800138000" not in text
    assert "138****8000" in text
    assert "z***@example.com" in text


def test_what_stands_under_a_personal_key_is_removed(lines: io.StringIO) -> None:
    structlog.get_logger().info("told", name="张伟", data={"notes": "他很着急", "on": "2026-06-30"})

    (line,) = written(lines)
    assert line["name"] == "[removed]"
    assert line["data"] == {"notes": "[removed]", "on": "2026-06-30"}


def test_a_traceback_is_masked_too(lines: io.StringIO) -> None:
    try:
        raise ValueError("no such number 13800138000")
    except ValueError:
        structlog.get_logger().exception("call.failed")

    assert "ValueError" in lines.getvalue()
    assert "13800138000" not in lines.getvalue()


def test_ids_and_epochs_are_not_taken_for_phones(lines: io.StringIO) -> None:
    structlog.get_logger().info("planned", at="1798038000123", journey="jrn_1380013800012")

    (line,) = written(lines)
    assert (line["at"], line["journey"]) == ("1798038000123", "jrn_1380013800012")


def test_the_lines_of_a_block_name_what_it_is_about(lines: io.StringIO) -> None:
    with about(request_id="req_1", journey="jrn_1", item=None):
        structlog.get_logger().info("inside")
    structlog.get_logger().info("outside")

    inside, outside = written(lines)
    assert (inside["request_id"], inside["journey"]) == ("req_1", "jrn_1")
    assert "item" not in inside
    assert "journey" not in outside


def test_a_workflow_logger_s_ids_stand_beside_the_others(lines: io.StringIO) -> None:
    details = {"workflow_id": "journey/jrn_1", "attempt": 1, "namespace": "default"}

    logging.getLogger("workflows").info("resting", extra={"temporal_workflow": details})

    (line,) = written(lines)
    assert line["workflow_id"] == "journey/jrn_1"
    assert "temporal_workflow" not in line


def test_noisy_libraries_speak_only_of_trouble(lines: io.StringIO) -> None:
    logging.getLogger("temporalio.worker").info("polling")
    logging.getLogger("uvicorn.access").warning("GET /v1/journeys?q=13800138000")

    assert lines.getvalue() == ""
