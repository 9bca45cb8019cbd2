"""A container's health check: exit code 0 when a URL of this machine answers 200, whatever proxy is set."""

import sys
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit


def answers(url: str) -> bool:
    """Whether the URL answers 200 within three seconds."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "127.0.0.1", parts.port or 80, timeout=3)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if answers(sys.argv[1]) else 1)
