"""Saying what happens, running quiet commands, and failing with a message a person can act on."""

import errno
import subprocess
import sys
import time
from pathlib import Path

TAIL_LINES = 25


class Failure(Exception):
    """The set-up cannot go on; the text says what, where and what to do."""


def say(text):
    """Tell the person at the terminal; standard output belongs to Odoo."""
    print(f"sp_connector: {text}", file=sys.stderr, flush=True)


def tail(log, begin=0):
    """Return a log file's last lines, none before byte `begin`, indented for a message."""
    try:
        text = Path(log).read_bytes()[begin:].decode(errors="replace")
    except OSError as error:
        return f"    ({log}: {error.strerror})"
    return "\n".join(f"    {line}" for line in text.splitlines()[-TAIL_LINES:])


def run(command, what, log, hint="", keep_open=(), **options):
    """Run a command, its output into the file `log`; raise Failure with the log's end if it fails.

    `keep_open` are file descriptors the command holds too: a lock then lives as long as the
    command, even if this process is killed before it.
    """
    command = [str(part) for part in command]
    try:
        with open(log, "ab") as output:
            output.write(f"\n$ {' '.join(command)}\n".encode())
            output.flush()
            begin = output.tell()
            status = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=tuple(keep_open),
                check=False,
                **options,
            ).returncode
    except FileNotFoundError:
        raise Failure(f"{what}: the command '{command[0]}' is missing. {hint}".strip()) from None
    if status:
        raise Failure(
            f"{what} failed (exit status {status}). {hint}\n{tail(log, begin)}\n    Full log: {log}"
        )


class Timer:
    """Say what starts and, at its end, how long it took."""

    def __init__(self, title):
        self.title = title

    def __enter__(self):
        say(f"{self.title} …")
        self.start = time.monotonic()
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            say(f"  done in {time.monotonic() - self.start:.0f} s")


def explain(error):
    """Turn an operating system error of the set-up into a Failure's text."""
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"The disk is full{where}. Free some space or set SP_CONNECTOR_CACHE to another disk."
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"Not allowed to write{where}. If another user made this cache folder, set "
            "SP_CONNECTOR_CACHE to a folder of your own."
        )
    return f"{error.strerror or error}{where}"
