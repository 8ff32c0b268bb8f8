"""The command line of the pipeline: ``python -m data_pipeline COMMAND``."""

from __future__ import annotations

import signal

import typer

from .commands.build import build
from .commands.demo import demo
from .commands.download import add_commands
from .commands.inspect import check, diff, info
from .commands.update import add

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Make the dataset that the Crime Atlas dashboard shows.",
)
app.command()(build)
app.command()(demo)
app.command()(info)
app.command()(check)
add_commands(app)
app.command()(add)
app.command()(diff)


def _terminated(_signal: int, _frame: object) -> None:
    """End as an interruption does, so that what is half written is taken away."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _terminated)
    app(prog_name="python -m data_pipeline")
