"""Open the desk on this machine until it is closed."""

import secrets
import socket
import webbrowser
from collections.abc import Callable
from pathlib import Path

from ..errors import OutputError
from .places import Recent, StudyFolder
from .server import Desk, desk_app

_HOST = "127.0.0.1"
_HTTP = 80
LEAST_PASSWORD = 10
"""Characters of a password that others of the network are asked for."""


def serve(
    folder: Path | None = None,
    *,
    port: int = 0,
    browser: bool = True,
    address: str | None = None,
    password: str | None = None,
    recent: Recent | None = None,
    told: Callable[[str], None] = print,
) -> None:
    """Serve the desk until it is stopped: at 127.0.0.1, where other machines cannot reach it.

    Parameters
    ----------
    folder : path, optional
        A study to open at once; made if it is not there.
    port : int
        A free one if 0.
    browser : bool
        Whether to open the page in the user's browser.
    address : str, optional
        Address of this machine by which others of its network may come in, with the password.
    password : str, optional
        At least `LEAST_PASSWORD` characters; needed with `address`.
    recent : Recent, optional
        The studies opened last; those of this user if absent.
    told : callable
        Is told the address, which carries the secret.

    Raises
    ------
    OutputError
        If the address is none of this machine, or the port is taken; if the password is short.
    OSError
        If the folder cannot be made.
    """
    import uvicorn

    token = secrets.token_urlsafe(24)
    desk = Desk(token, recent or Recent())
    with _listener(address, port, password) as listener:
        taken = listener.getsockname()[1]
        names = (address,) if address is not None else (_HOST, "localhost")
        hosts = tuple(f"{name}:{taken}" for name in names)
        if taken == _HTTP:
            hosts += names
        page = f"http://{hosts[0]}{desk.root}/"
        if folder is not None:
            study = StudyFolder.at(folder)
            study.path.mkdir(parents=True, exist_ok=True)
            page = f"http://{hosts[0]}{desk.open(study)}"
        settings = uvicorn.Config(
            desk_app(desk, token, hosts, None if address is None else password),
            log_level="warning",
            access_log=False,  # addresses carry the secret
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=2,
        )
        told(page)
        if address is not None:
            told(f"http://{hosts[0]}/")
        if browser:
            webbrowser.open(page)
        try:
            uvicorn.Server(settings).run(sockets=[listener])
        finally:
            if desk.work is not None:
                desk.work.stop()
                desk.work.wait(20)


def _listener(address: str | None, port: int, password: str | None) -> socket.socket:
    """Return the socket to listen on."""
    if address is not None:
        if address in ("0.0.0.0", "::", ""):  # noqa: S104  refused here
            raise OutputError("desk.which_address", address=address)
        if password is None or len(password) < LEAST_PASSWORD:
            raise OutputError("desk.short_password", least=LEAST_PASSWORD)
    try:
        return socket.create_server((address or _HOST, port))
    except (OSError, UnicodeError) as refused:
        detail = getattr(refused, "strerror", None) or ""
        raise OutputError(
            "desk.no_address", address=f"{address or _HOST}:{port}", detail=detail
        ) from refused
