"""Get files from servers that fail, lie or are slow: whole, checked and resumed, or not at all.

`requests` and `urllib3` speak HTTP, keep to the environment's proxies and certificates and connect
again where that fails. What they leave to their callers stands here: going on where a file broke
off, waiting as long as a busy server says, redirects to the web alone, bounds of size, time and
disk, checksums, few connections a host. No answer but the file itself is ever read: an error or a
redirect may be endless too. Knows no layer; what a file must be, whoever wants it checks.
"""

import datetime
import hashlib
import json
import os
import re
import shutil
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from .._version import __version__
from ..errors import AbsentError, FetchError

USER_AGENT = f"phusong/{__version__} {requests.utils.default_user_agent()}"
_RETRIED = (429, 500, 502, 503, 504)
_CHUNK_BYTES = 1 << 16
_LARGEST_MD5_BYTES = 1000
_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18})")
_BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, ConnectionError, TimeoutError)

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long, how often and how fast servers are asked.

    Parameters
    ----------
    connect_timeout_s, read_timeout_s : float
        Without an answer, or without another byte.
    slowest_bytes_per_s, slow_for_s : float
        A connection that brings less for so long is given up.
    retries : int
        How often in a row without `progress_bytes` in between.
    progress_bytes : int
        After as many more the count of failures begins anew.
    backoff_s : float
        Before the second try again; doubled each time.
    longest_wait_s : float
        A server that asks for a longer wait is left for another day.
    redirects : int
    connections, connections_per_host : int
    spare_bytes : int
        What stays free on the disk.
    """

    connect_timeout_s: float = 20.0
    read_timeout_s: float = 60.0
    slowest_bytes_per_s: float = 500.0
    slow_for_s: float = 60.0
    retries: int = 5
    progress_bytes: int = 1_000_000
    backoff_s: float = 1.0
    longest_wait_s: float = 120.0
    redirects: int = 5
    connections: int = 4
    connections_per_host: int = 2
    spare_bytes: int = 200_000_000


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A file that is wanted.

    Parameters
    ----------
    url : str
        With the user's key, if it needs one.
    shown : str
        The same without the key: for messages and records.
    path : Path
        Where it shall lie.
    largest_bytes : int
    sha256, md5_url : str, optional
        What the provider publishes.
    check : callable, optional
        Raises a `FetchError` if the file is not what it should be.
    """

    url: str
    shown: str
    path: Path
    largest_bytes: int
    sha256: str | None = None
    md5_url: str | None = None
    check: Callable[[Path], None] | None = None

    @property
    def name(self) -> str:
        """The file's name, for messages."""
        return self.path.name

    @property
    def host(self) -> str:
        """Whose server it is."""
        return urlsplit(self.url).hostname or ""

    def refuse(self, message: str, **values: Any) -> FetchError:
        """Return the exception of a fault; its words never hold the address with the key."""
        return FetchError(f"fetch.{message}", name=self.name, host=self.host, **values)


@dataclass(frozen=True, kw_only=True)
class Got:
    """A file that was got, now or before.

    Parameters
    ----------
    path : Path
    url : str
        Without the user's key.
    size_bytes : int
    sha256 : str
    fetched_on : str
        Day, as in ``2026-11-29``.
    """

    path: Path
    url: str
    size_bytes: int
    sha256: str
    fetched_on: str


class _BrokenError(Exception):
    """A connection that ended early; the rest is asked for again."""


class _AnewError(Exception):
    """What lies there cannot be gone on with; the file is got from its beginning."""


class _Disk:
    """What files that are under way will still take."""

    def __init__(self, spare_bytes: int) -> None:
        self._spare_bytes, self._lock, self._taken = spare_bytes, threading.Lock(), 0

    @contextmanager
    def room_for(self, wanted: Wanted, size_bytes: int) -> Iterator[None]:
        """Refuse a file for which the disk has no room."""
        with self._lock:
            free = shutil.disk_usage(wanted.path.parent).free - self._taken - self._spare_bytes
            if size_bytes > free:
                raise wanted.refuse(
                    "disk_full", megabytes=size_bytes / 1e6, free=max(free, 0) / 1e6
                )
            self._taken += size_bytes
        try:
            yield
        finally:
            with self._lock:
                self._taken -= size_bytes


class Downloads:
    """Gets files into a folder, several at once.

    Parameters
    ----------
    limits : Limits
    on_progress : callable
        Called with a message key, megabytes got, and megabytes known to come.
    """

    def __init__(self, limits: Limits, on_progress: Progress) -> None:
        self._limits, self._on_progress = limits, on_progress
        self._stop, self._disk = threading.Event(), _Disk(limits.spare_bytes)
        self._hosts: defaultdict[str, threading.Semaphore] = defaultdict(
            lambda: threading.Semaphore(limits.connections_per_host)
        )
        self._told, self._bytes = threading.Lock(), dict[Path, tuple[int, int]]()

    def get(self, wanted: Sequence[Wanted]) -> dict[Path, Got | FetchError]:
        """Get files; what fails is told in the place of the file.

        Parameters
        ----------
        wanted : sequence of Wanted
            Each path once.

        Returns
        -------
        dict of Path to Got or FetchError
            In the order wanted.
        """
        unique = {one.path: one for one in wanted}
        found: dict[Path, Got | FetchError] = {}
        for one in unique.values():  # also from several threads: a defaultdict is no lock
            self._hosts[one.host]
        with ThreadPoolExecutor(max_workers=self._limits.connections) as pool:
            waiting = {pool.submit(self._one, one): one for one in unique.values()}
            try:
                pending: set[Future[Got]] = set(waiting)
                while pending:
                    done, pending = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)
                    self._tell()
                    for each in done:
                        try:
                            found[waiting[each].path] = each.result()
                        except FetchError as fault:
                            found[waiting[each].path] = fault
            except BaseException:
                self._stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return {path: found[path] for path in unique}

    def _tell(self) -> None:
        with self._told:
            done = sum(one for one, _ in self._bytes.values())
            total = sum(max(pair) for pair in self._bytes.values())
        if total:
            # Whole megabytes, at least one: a bar of nothing would not show.
            self._on_progress("fetch.step_download", done // 1_000_000, -(-total // 1_000_000))

    def _one(self, wanted: Wanted) -> Got:
        wanted.path.parent.mkdir(parents=True, exist_ok=True)
        known = read_record(wanted)
        if known is not None:
            return known
        with self._hosts[wanted.host], _session(self._limits) as session:
            try:
                return self._whole(wanted, session)
            except OSError as refused:
                if isinstance(refused, FetchError):
                    raise
                raise wanted.refuse("not_written", detail=refused.strerror or "") from refused

    def _whole(self, wanted: Wanted, session: requests.Session) -> Got:
        part, state = _part_of(wanted)
        md5 = None if wanted.md5_url is None else self._md5(wanted, session)
        resumed = part.exists()
        self._until_complete(wanted, session)
        sha256 = _digest(part, "sha256")
        right = (wanted.sha256 in (None, sha256)) and (md5 in (None, _digest(part, "md5")))
        if not right and resumed:  # its beginning may have been another file's
            part.unlink()
            self._until_complete(wanted, session)
            sha256 = _digest(part, "sha256")
            right = (wanted.sha256 in (None, sha256)) and (md5 in (None, _digest(part, "md5")))
        try:
            if not right:
                raise wanted.refuse("checksum")
            if wanted.check is not None:
                wanted.check(part)
        except FetchError:
            part.unlink(missing_ok=True)
            state.unlink(missing_ok=True)
            raise
        today = datetime.date.today().isoformat()
        got = Got(path=wanted.path, url=wanted.shown, size_bytes=part.stat().st_size,
                  sha256=sha256, fetched_on=today)  # fmt: skip
        record = {"url": got.url, "bytes": got.size_bytes, "sha256": sha256, "fetched_on": today}
        part.replace(wanted.path)
        _record_of(wanted).write_text(json.dumps(record), encoding="utf-8")
        state.unlink(missing_ok=True)
        return got

    def _until_complete(self, wanted: Wanted, session: requests.Session) -> None:
        part, state = _part_of(wanted)
        failures = anew = 0
        mark = part.stat().st_size if part.exists() else 0
        while True:
            try:
                self._attempt(wanted, session)
                return
            except _AnewError:
                part.unlink(missing_ok=True)
                state.unlink(missing_ok=True)
                mark, anew = 0, anew + 1
                if anew > self._limits.retries:
                    raise wanted.refuse("changing") from None
            except _BrokenError as broken:
                size = part.stat().st_size if part.exists() else 0
                if size - mark >= self._limits.progress_bytes:
                    failures, mark = 0, size
                failures += 1
                if failures > self._limits.retries:
                    raise wanted.refuse("broken", detail=str(broken)) from None
                self._stop.wait(self._limits.backoff_s * 2 ** (failures - 1))
            if self._stop.is_set():
                raise wanted.refuse("stopped")

    def _attempt(self, wanted: Wanted, session: requests.Session) -> None:
        """Ask once for the rest of a file, or for all of it, and write what comes."""
        part, state = _part_of(wanted)
        total: int | None
        have, validator = _resumable(wanted)
        headers = {"Range": f"bytes={have}-", "If-Range": validator} if have else {}
        with self._asked(wanted, session, wanted.url, headers) as response:
            if response.status_code == 206 and have:
                total = _rest(response, have, validator)
            elif response.status_code == 200:
                have, total = 0, _length(wanted, response)
                part.unlink(missing_ok=True)
                state.write_text(json.dumps(_state(wanted, response)), encoding="utf-8")
            elif response.status_code in (206, 416):
                raise _AnewError
            else:
                raise _refused(wanted, response.status_code)
            if total is not None and total > wanted.largest_bytes:
                part.unlink(missing_ok=True)
                raise wanted.refuse("too_large", limit=wanted.largest_bytes / 1e6)
            with self._disk.room_for(wanted, (total or wanted.largest_bytes) - have):
                self._written(wanted, response, have, total)

    def _written(
        self, wanted: Wanted, response: requests.Response, have: int, total: int | None
    ) -> None:
        part, _ = _part_of(wanted)
        limits, pace = self._limits, _Pace(self._limits)
        with part.open("r+b" if have else "wb") as file:
            file.seek(have)
            file.truncate()
            while True:
                try:
                    some = response.raw.read1(_CHUNK_BYTES, decode_content=False)
                except _BROKEN as broken:
                    raise _BrokenError(type(broken).__name__) from None
                if not some:
                    break
                have += len(some)
                if have > wanted.largest_bytes:
                    file.truncate(0)
                    raise wanted.refuse("too_large", limit=wanted.largest_bytes / 1e6)
                file.write(some)
                with self._told:
                    self._bytes[wanted.path] = have, total or 0
                if self._stop.is_set():
                    raise wanted.refuse("stopped")
                if pace.too_slow(len(some)):
                    raise _BrokenError(f"< {limits.slowest_bytes_per_s:g} B/s")
            file.flush()
            os.fsync(file.fileno())
        if total is not None and have != total:
            raise _BrokenError(f"{have} / {total} B")

    def _md5(self, wanted: Wanted, session: requests.Session) -> str:
        """Return the MD5 that the provider publishes in a file of its own."""
        with self._asked(wanted, session, wanted.md5_url or "", {}) as response:
            if response.status_code != 200:
                raise _refused(wanted, response.status_code)
            try:
                content = response.raw.read(_LARGEST_MD5_BYTES, decode_content=False)
            except _BROKEN as broken:
                raise wanted.refuse("broken", detail=type(broken).__name__) from None
        found = re.match(rb"\s*([0-9a-fA-F]{32})\b", content)
        if found is None:
            raise wanted.refuse("no_checksum")
        return found[1].decode().lower()

    @contextmanager
    def _asked(
        self, wanted: Wanted, session: requests.Session, url: str, headers: Mapping[str, str]
    ) -> Iterator[requests.Response]:
        for failures in range(self._limits.retries + 1):
            response = self._followed(wanted, session, url, headers)
            if response.status_code not in _RETRIED or failures == self._limits.retries:
                break
            response.close()
            self._stop.wait(self._pause(wanted, response, failures))
            if self._stop.is_set():
                raise wanted.refuse("stopped")
        with response:
            encoding = response.headers.get("Content-Encoding", "identity")
            if response.status_code in (200, 206) and encoding.lower() != "identity":
                raise wanted.refuse("encoded", encoding=encoding)
            yield response

    def _pause(self, wanted: Wanted, response: requests.Response, failures: int) -> float:
        """Return how long a server asks to wait, else ever longer."""
        told = response.headers.get("Retry-After")
        try:
            asked = None if told is None else Retry().parse_retry_after(told)
        except urllib3.exceptions.InvalidHeader:
            asked = None
        if asked is not None and asked > self._limits.longest_wait_s:
            raise wanted.refuse("come_back", seconds=asked)
        longer = min(self._limits.backoff_s * 2**failures, self._limits.longest_wait_s)
        return longer if asked is None else asked

    def _followed(
        self, wanted: Wanted, session: requests.Session, url: str, headers: Mapping[str, str]
    ) -> requests.Response:
        """Return the answer at the end of all redirects, its body unread."""
        limits = self._limits
        timeout = (limits.connect_timeout_s, limits.read_timeout_s)
        for _ in range(limits.redirects + 1):
            try:
                response = session.get(
                    url, headers=dict(headers), stream=True, timeout=timeout, allow_redirects=False
                )
            except requests.exceptions.SSLError:
                raise wanted.refuse("certificate") from None
            except (*_BROKEN, UnicodeError) as broken:
                # Its own words may hold the address, and with it the user's key.
                raise wanted.refuse("unreachable", detail=type(broken).__name__) from None
            target = requests.Session.get_redirect_target(session, response)
            if target is None:
                return response
            response.close()
            url = _redirected(wanted, url, target)
        raise wanted.refuse("redirects", limit=limits.redirects)


def _redirected(wanted: Wanted, url: str, target: str) -> str:
    """Return where a redirect leads, if that is the web, and no less safe than before."""
    try:
        there = urlsplit(urljoin(url, target))
        allowed = {"https"} if urlsplit(url).scheme == "https" else {"http", "https"}
        if there.scheme in allowed and there.hostname and "@" not in there.netloc:
            return there.geturl()
    except ValueError:
        pass
    raise wanted.refuse("redirect_elsewhere")


class _Pace:
    """Whether a connection brings less than it must."""

    def __init__(self, limits: Limits) -> None:
        self._limits, self._since, self._bytes = limits, time.monotonic(), 0

    def too_slow(self, count: int) -> bool:
        self._bytes += count
        passed = time.monotonic() - self._since
        if passed < self._limits.slow_for_s:
            return False
        slow = self._bytes < self._limits.slowest_bytes_per_s * passed
        self._since, self._bytes = time.monotonic(), 0
        return slow


class _Session(requests.Session):
    """Follows no redirect by itself: it would read the whole body of each answer on the way."""

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002  its signature
        return None


def _session(limits: Limits) -> requests.Session:
    session = _Session()
    # A file as it lies on the server: parts of a compressed one could not be put together.
    session.headers.update({"User-Agent": USER_AGENT, "Accept-Encoding": "identity"})
    # Connections alone: urllib3 would read the whole body of an answer before it asks again.
    again = Retry(total=limits.retries, status=0, redirect=0, backoff_factor=limits.backoff_s,
                  backoff_max=limits.longest_wait_s, respect_retry_after_header=False)  # fmt: skip
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=again))
    return session


def _refused(wanted: Wanted, status: int) -> FetchError:
    if status in (404, 410):
        return AbsentError("fetch.absent", name=wanted.name, host=wanted.host, status=status)
    if status in (401, 403):
        return wanted.refuse("not_allowed", status=status)
    return wanted.refuse("status", status=status)


def _length(wanted: Wanted, response: requests.Response) -> int | None:
    told = response.headers.get("Content-Length")
    if told is None:
        return None
    if not re.fullmatch(r"\d{1,18}", told):
        raise wanted.refuse("length", value=told[:40])
    return int(told)


def _rest(response: requests.Response, have: int, validator: str) -> int:
    """Return the size of the whole file, if this is the rest of the one that was begun."""
    found = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    same = response.headers.get("ETag", validator) == validator or not validator.startswith('"')
    if found is None or int(found[1]) != have or not same:
        raise _AnewError
    return int(found[2])


def _part_of(wanted: Wanted) -> tuple[Path, Path]:
    return (
        wanted.path.with_name(f"{wanted.path.name}.part"),
        wanted.path.with_name(f"{wanted.path.name}.part.json"),
    )


def _record_of(wanted: Wanted) -> Path:
    return wanted.path.with_name(f"{wanted.path.name}.json")


def _state(wanted: Wanted, response: requests.Response) -> dict[str, str]:
    """Return what tells the file on the server from what may take its place."""
    etag = response.headers.get("ETag", "")
    strong = etag if etag.startswith('"') else ""  # a weak one is no promise of the same bytes
    return {
        "url": wanted.shown,
        "validator": strong or response.headers.get("Last-Modified", ""),
    }


def _resumable(wanted: Wanted) -> tuple[int, str]:
    """Return how much of a file lies there, and what tells whether it is still the same."""
    part, state = _part_of(wanted)
    told = _json(state)
    size = part.stat().st_size if part.is_file() and not part.is_symlink() else 0
    validator = told.get("validator")
    if not size or told.get("url") != wanted.shown or not isinstance(validator, str):
        return 0, ""
    return (size, validator) if validator and validator.isprintable() else (0, "")


def read_record(wanted: Wanted) -> Got | None:
    """Return a file that was got before and is still whole; else None.

    Parameters
    ----------
    wanted : Wanted

    Returns
    -------
    Got or None
    """
    told = _json(_record_of(wanted))
    if told.get("url") != wanted.shown or not wanted.path.is_file():
        return None
    sha256 = _digest(wanted.path, "sha256")
    if told.get("sha256") != sha256 or wanted.sha256 not in (None, sha256):
        return None
    return Got(path=wanted.path, url=wanted.shown, size_bytes=wanted.path.stat().st_size,
               sha256=sha256, fetched_on=str(told.get("fetched_on", ""))[:10])  # fmt: skip


def forget(path: Path) -> None:
    """Remove a file that was got and turned out to be unusable, so that it is got again.

    Parameters
    ----------
    path : Path
    """
    for one in (path, path.with_name(f"{path.name}.json")):
        one.unlink(missing_ok=True)


def _json(path: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        if path.stat().st_size < 10_000:
            told = json.loads(path.read_text(encoding="utf-8"))
            return told if isinstance(told, dict) else {}
    return {}


def _digest(path: Path, kind: str) -> str:
    def made() -> Any:
        # MD5 finds accidents; it is what some providers publish.
        return hashlib.new(kind, usedforsecurity=False)

    with path.open("rb") as file:
        return hashlib.file_digest(file, made).hexdigest()
