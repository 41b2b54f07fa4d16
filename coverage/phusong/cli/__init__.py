"""The command line: typed words in, one call of the pipeline, a folder out.

Results go to stdout; progress and faults to stderr. A planned fault exits with
2 and without a traceback, a request to stop with 128 and the signal's number.
"""

from . import (  # noqa: F401  commands register themselves with the app
    cache,
    compare,
    desk,
    egov,
    explain,
    explore,
    export,
    fetch,
    fibre,
    paper,
    profile,
    publish,
    recast,
    report,
    run,
    sheet,
    site,
    survey,
    verify,
)
from ._app import app
from ._main import main

__all__ = ["app", "main"]
