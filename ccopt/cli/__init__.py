"""Commands. ``main`` is the entry point; every command documents itself with ``--help``."""

from ccopt.cli.app import main

__all__ = ["main"]
