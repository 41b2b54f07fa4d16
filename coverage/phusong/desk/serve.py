"""Open the desk on this machine until it is closed."""

import secrets
import socket
import webbrowser
from collections.abc import Callable
from pathlib import Path

from .places import Recent, StudyFolder
from .server import Desk, desk_app

_HOST = "127.0.0.1"


def serve(
    folder: Path | None = None,
    *,
    port: int = 0,
    browser: bool = True,
    recent: Recent | None = None,
    told: Callable[[str], None] = print,
) -> None:
    """Serve the desk at 127.0.0.1 until it is stopped; other machines cannot reach it.

    Parameters
    ----------
    folder : path, optional
        A study to open at once; made if it is not there.
    port : int
        A free one if 0.
    browser : bool
        Whether to open the page in the user's browser.
    recent : Recent, optional
        The studies opened last; those of this user if absent.
    told : callable
        Is told the address, which carries the secret.

    Raises
    ------
    OSError
        If the folder cannot be made, or the port is taken.
    """
    import uvicorn

    token = secrets.token_urlsafe(24)
    desk = Desk(token, recent or Recent())
    with socket.create_server((_HOST, port)) as listener:
        taken = listener.getsockname()[1]
        address = f"http://{_HOST}:{taken}/{token}/"
        if folder is not None:
            study = StudyFolder.at(folder)
            study.path.mkdir(parents=True, exist_ok=True)
            address = f"http://{_HOST}:{taken}{desk.open(study)}"
        hosts = (f"{_HOST}:{taken}", f"localhost:{taken}")
        settings = uvicorn.Config(
            desk_app(desk, token, hosts),
            log_level="warning",
            access_log=False,  # addresses carry the secret
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=2,
        )
        told(address)
        if browser:
            webbrowser.open(address)
        try:
            uvicorn.Server(settings).run(sockets=[listener])
        finally:
            if desk.work is not None:
                desk.work.stop()
                desk.work.wait(20)
