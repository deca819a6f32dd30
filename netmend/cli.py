"""Each command answers on stdout, tells of its progress on stderr, and ends with a code.

Exit codes: 0 fine, 2 drift or a pending plan, 1 could not do it, 64 usage, 130 interrupted.
Commands import what they run on when they run, so that help needs neither AWS nor its libraries.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated

import typer

from netmend import __version__
from netmend.commands.approve import approve
from netmend.commands.bundle import bundle
from netmend.commands.completion import completion
from netmend.commands.demo import demo
from netmend.commands.deploy import deploy
from netmend.commands.evaluate import evaluate
from netmend.commands.evidence import evidence
from netmend.commands.explain import explain
from netmend.commands.lint import lint
from netmend.commands.new_rule import new_rule
from netmend.commands.render import render
from netmend.commands.report import report
from netmend.commands.run import run as run_runbook
from netmend.commands.sandbox import sandbox
from netmend.commands.verify import verify
from netmend.errors import COULD_NOT, FINE, INTERRUPTED, UsageError, UserError, one_line
from netmend.streams import give_up, whole_output

CLICK_USAGE = 2  # typer's own code for a wrong command line, which here means drift
DEBUG = "--debug"

app = typer.Typer(
    name="netmend",
    rich_markup_mode=None,  # rich costs more than all the rest of a help page
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
COMMANDS = (
    demo,
    sandbox,
    evaluate,
    explain,
    lint,
    report,
    approve,
    deploy,
    verify,
    bundle,
    render,
    new_rule,
    completion,
)
for command in COMMANDS:
    app.command()(command)
app.command("run")(run_runbook)
app.add_typer(evidence)


def show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"netmend {__version__}")
        raise typer.Exit


@app.callback(no_args_is_help=True)
def netmend(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=show_version, is_eager=True),
    ] = False,
    debug: Annotated[
        bool, typer.Option(DEBUG, help="With any command: show where an error comes from.")
    ] = False,
) -> None:
    """Find drift in AWS networks, mend it, and prove it.

    Exit codes: 0 fine, 2 drift or a pending plan, 1 could not do it, 64 usage, 130 interrupted.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command line (default: the process's) and returns its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        with whole_output():
            return run([argument for argument in given if argument != DEBUG])
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # `| head -1` has read what it wanted, and needs no word
        give_up()
        return COULD_NOT
    except Exception as error:  # noqa: BLE001 - a door: a user gets one line, not a traceback
        if DEBUG in given:
            traceback.print_exc()
        return tell(error)


def run(arguments: list[str]) -> int:
    """A command's own exit code; raises what it raised."""
    code = app(arguments, prog_name="netmend", standalone_mode=False)
    return FINE if code is None else int(code)


def tell(error: Exception) -> int:
    """Writes the one line that a user gets, and returns the exit code that goes with it."""
    if isinstance(error, typer.Abort):
        return INTERRUPTED
    if isinstance(error, typer.TyperException):
        error = usage_error(error)
    if isinstance(error, OSError):
        error = system_error(error)
    if not isinstance(error, UserError):
        what = f"unexpected {type(error).__name__}: {error}"
        error = UserError(what, f"run it again with {DEBUG} and report what that shows")
    with suppress(OSError):  # where standard error is full as well, the exit code has to do
        typer.echo(f"netmend: {one_line(str(error))}", err=True)
    return error.exit_code


def system_error(error: OSError) -> UserError:
    """What the system refused; all that is done without a name is writing the result."""
    if error.filename is not None:
        return UserError(f"{error.filename}: {error.strerror}", "see whose it is, and its rights")
    give_up()
    what = f"standard output: cannot be written: {error.strerror or error}"
    return UserError(what, "send it where there is room")


def usage_error(error: typer.TyperException) -> UserError:
    """What typer found wrong, said as everything else is said."""
    context = getattr(error, "ctx", None)
    if context is not None and error.message == context.get_help():
        return UsageError("no command given", f"see {context.command_path} --help")
    options = ", ".join(sorted(getattr(error, "possibilities", None) or ()))
    message = error.message if options else error.format_message()
    message, _, command = message.replace("Value error, ", "").partition(" Did you mean ")
    if options or command:
        hint = f"did you mean {command or options + '?'}"
    else:
        hint = f"see {context.command_path if context else 'netmend'} --help"
    what = message[:1].lower() + message[1:].rstrip(".")
    return UsageError(what, hint) if error.exit_code == CLICK_USAGE else UserError(what, hint)
