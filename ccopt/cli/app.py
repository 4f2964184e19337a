"""The application: commands in their modules, joined here."""

from __future__ import annotations

import sys
from typing import Any

import typer

from ccopt.cli import calculator, history, judges, questions, runs

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None,
                  help="Design of contact centers: sites, skills, routes and agents at least cost.")  # fmt: skip
for module in (runs, judges, questions, calculator, history):
    module.register(app)


def main(arguments: list[str] | None = None) -> Any:
    """Run a command; the exit code is the process's."""
    try:
        return app(args=arguments, standalone_mode=True)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(130)
