"""The way in from a shell: what must hold before the first import, and the last word on a fault.

Where the system itself gives up – no memory, no space, nobody reads on – one
line says so instead of a traceback.
"""

import errno
import os
import sys
from typing import NoReturn

from .._memory import limited_address_space
from .._text import visible
from ..errors import MemoryLimitError
from ..i18n import LANGUAGES, text
from ._app import app

_NOT_WRITTEN = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF}
_NO_LONGER_READ = 1


def main() -> None:
    """Run the command line; `phusong` and ``python -m phusong`` start here."""
    _restart_in_utf8()
    _open_closed_streams()
    try:
        try:
            app(prog_name="phusong")
        finally:
            sys.stdout.flush()  # else a full disk shows only when it is too late to report it
    except BrokenPipeError:
        _leave(_NO_LONGER_READ)
    except MemoryLimitError as fault:
        _leave(2, str(fault))
    except MemoryError as fault:
        _leave(2, _in_every_language("cli.no_memory", fault))
    except (ImportError, OSError) as fault:
        if isinstance(fault, OSError) and fault.errno in _NOT_WRITTEN:
            _leave(2, _in_every_language("cli.not_written", fault))
        elif limited_address_space() is not None:  # libraries could not be loaded
            _leave(2, _in_every_language("cli.no_memory", fault))
        raise


def _restart_in_utf8() -> None:
    """Start Python anew where it takes names of files for ASCII, which most libraries do not.

    Only the C locale without UTF-8 mode does, and only Unix has that.
    """
    if sys.getfilesystemencoding().lower().replace("-", "") != "utf8":
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606  this very program


def _open_closed_streams() -> None:
    """Let nothing take the number of a closed stream: what is printed would land in that file."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8"))


def _in_every_language(message: str, fault: Exception) -> str:
    return "\n".join(text(message, lang, detail=str(fault)) for lang in LANGUAGES)


def _leave(code: int, words: str = "") -> NoReturn:
    """Say one line a language if anybody listens; end."""
    try:
        if words:
            sys.stderr.write(visible(words, lines=True) + "\n")
            sys.stderr.flush()
    except OSError:
        pass
    finally:
        # What is still to be printed goes nowhere, or Python would complain at its end.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(nowhere, stream)
    sys.exit(code)
