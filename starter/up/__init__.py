"""`journey up`: the whole engine on one machine, from one command."""

from starter.up.command import Options, up

__all__ = ["Options", "up"]
