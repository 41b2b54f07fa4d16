"""Who may talk to the desk: the page that was opened on this machine, and nobody else.

A web page of another site can send requests to a local server, and by DNS rebinding even read the
answers. So every address begins with a secret, the ``Host`` must be this machine's own name for
itself, and what changes something must come from the desk's own pages.
"""

import hmac
from collections.abc import Sequence

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE_METHODS = ("GET", "HEAD")
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
RESULT_POLICY = "sandbox allow-scripts allow-popups allow-downloads allow-modals"
"""For pages of a study: they run as ever, but are strangers to the desk."""
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    # The secret stands in the address. Without any referrer, forms would not tell their origin.
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


class Guard:
    """Refuses requests that do not come from the desk's own pages.

    Parameters
    ----------
    app : ASGI application
    tokens : sequence of str
        The secrets, of which one begins every address.
    hosts : sequence of str
        ``name:port`` that the desk is reached by.
    door : bool
        Whether ``/`` is there without the secret: the page that asks for the password.
    """

    def __init__(
        self, app: ASGIApp, *, tokens: Sequence[str], hosts: Sequence[str], door: bool = False
    ) -> None:
        self._app = app
        self._door = door
        self._tokens = [token.encode() for token in tokens]
        self._hosts = {host.encode() for host in hosts}
        self._origins = {b"http://" + host for host in self._hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it with 403 or 404 and no word about why."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return  # a web socket: never accepted
        if (status := self._refusal(scope)) is not None:
            await PlainTextResponse("", status_code=status)(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS]
            await send(message)

        await self._app(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> int | None:
        headers = scope["headers"]
        hosts = [value for name, value in headers if name == b"host"]
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return 403
        if scope["method"] not in SAFE_METHODS:
            origins = [value for name, value in headers if name == b"origin"]
            if len(origins) != 1 or origins[0] not in self._origins:
                return 403
        if self._door and scope["path"] == "/":
            return None
        given = scope["path"].split("/", 2)[1] if "/" in scope["path"] else ""
        given = given.encode("utf-8", "replace")
        known = [hmac.compare_digest(given, token) for token in self._tokens]
        return None if any(known) else 404
