"""Files from a server that is slow, breaks off, refuses, redirects, lies."""

import shutil
import threading
import time
from collections import namedtuple
from dataclasses import replace
from hashlib import md5, sha256

import pytest

from phusong.errors import AbsentError, FetchError
from phusong.fetch.download import Downloads, Got, Wanted

from .conftest import QUICK, send_file

CONTENT = bytes(range(256)) * 1000


@pytest.fixture
def wanted(server, tmp_path):
    server.files["/a.bin"] = CONTENT
    address = f"{server.address}/a.bin"
    path = tmp_path / "there" / "a.bin"
    return Wanted(url=address, shown=address, path=path, largest_bytes=1_000_000)


def get(wanted, limits=QUICK):
    return Downloads(limits, lambda *told: None).get([wanted])[wanted.path]


def arrived(wanted):
    """Tell whether the file is there, whole, and told as it is."""
    got = get(wanted)
    assert isinstance(got, Got), got
    assert (got.size_bytes, got.sha256) == (len(CONTENT), sha256(CONTENT).hexdigest())
    return wanted.path.read_bytes() == CONTENT


def refusal(wanted, limits=QUICK):
    found = get(wanted, limits)
    assert isinstance(found, FetchError)
    assert not wanted.path.exists()
    return found


def beginning(content, *, etag='"1"', length=None, count=100_000):
    """Return an answer that breaks off."""

    def answer(request):
        request.send_response(200)
        request.send_header("ETag", etag)
        request.send_header("Content-Length", str(length or len(content)))
        request.end_headers()
        request.wfile.write(content[:count])

    return answer


def status(code, **headers):
    def answer(request):
        request.send_response(code)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return answer


def once(server, first):
    """Return an answer that is another one the first time only."""
    answers = iter([first])

    def answer(request):
        next(answers, lambda request: send_file(request, server.files[request.path]))(request)

    return answer


def test_a_file_comes_whole_with_its_record_and_nothing_else(server, wanted):
    found = get(wanted)
    assert isinstance(found, Got)
    assert wanted.path.read_bytes() == CONTENT
    assert found.sha256 == sha256(CONTENT).hexdigest()
    assert sorted(one.name for one in wanted.path.parent.iterdir()) == ["a.bin", "a.bin.json"]
    agent = server.asked[0][1]["User-Agent"]
    assert agent.startswith("phusong/")


def test_what_is_there_is_not_asked_for_again_unless_it_was_changed(server, wanted):
    get(wanted)
    assert get(wanted).sha256 == sha256(CONTENT).hexdigest()
    assert len(server.asked) == 1
    wanted.path.write_bytes(b"mine")
    get(wanted)
    assert len(server.asked) == 2
    assert wanted.path.read_bytes() == CONTENT


def test_a_broken_off_file_is_gone_on_with(server, wanted):
    etag = f'"{md5(CONTENT).hexdigest()}"'
    server.answers["/a.bin"] = once(server, beginning(CONTENT, etag=etag))
    assert arrived(wanted)
    assert server.asked[1][1]["Range"] == "bytes=100000-"
    assert server.asked[1][1]["If-Range"] == etag


def test_a_later_call_goes_on_where_an_earlier_one_ended(server, wanted):
    etag = f'"{md5(CONTENT).hexdigest()}"'
    server.answers["/a.bin"] = beginning(CONTENT, etag=etag)
    refusal(wanted, replace(QUICK, retries=0))
    del server.answers["/a.bin"]
    asked = len(server.asked)
    assert arrived(wanted)
    assert server.asked[asked][1]["Range"] == "bytes=100000-"
    assert wanted.path.read_bytes() == CONTENT


def test_a_file_that_changed_meanwhile_is_got_from_its_beginning(server, wanted):
    server.answers["/a.bin"] = once(server, beginning(b"\0" * len(CONTENT), etag='"old"'))
    assert arrived(wanted)


def test_a_rest_of_another_file_is_not_put_behind_the_beginning(server, wanted):
    def other(request):
        if "Range" not in request.headers:
            beginning(CONTENT, etag='"1"')(request)
            return
        request.send_response(206)
        request.send_header("ETag", '"2"')
        request.send_header("Content-Range", f"bytes 100000-{len(CONTENT) - 1}/{len(CONTENT)}")
        request.send_header("Content-Length", str(len(CONTENT) - 100_000))
        request.end_headers()
        request.wfile.write(b"\0" * (len(CONTENT) - 100_000))

    server.answers["/a.bin"] = other
    refusal(wanted)


@pytest.mark.parametrize("etag", ['W/"weak"', ""])
def test_without_a_strong_validator_nothing_is_gone_on_with(server, wanted, etag):
    server.answers["/a.bin"] = once(server, beginning(CONTENT, etag=etag))
    assert arrived(wanted)
    assert "Range" not in server.asked[1][1]


def test_a_server_that_ignores_ranges_sends_it_all_again(server, wanted):
    def whole(request):
        beginning(CONTENT, count=len(CONTENT) if "Range" in request.headers else 1000)(request)

    server.answers["/a.bin"] = whole
    assert arrived(wanted)


def test_a_range_that_is_refused_begins_anew(server, wanted):
    def refusing(request):
        if "Range" in request.headers:
            status(416)(request)
        else:
            tries.append(1)
            beginning(CONTENT, count=1000 if len(tries) == 1 else len(CONTENT))(request)

    tries = []
    server.answers["/a.bin"] = refusing
    assert arrived(wanted)


def test_a_length_that_is_never_reached_is_given_up_and_the_part_kept(server, wanted):
    server.answers["/a.bin"] = beginning(CONTENT, length=len(CONTENT) + 5, count=len(CONTENT))
    assert refusal(wanted).message == "fetch.broken"
    assert wanted.path.with_name("a.bin.part").is_file()


def test_a_length_too_small_is_found_by_the_published_checksum(server, wanted):
    server.answers["/a.bin"] = beginning(CONTENT, length=1000, count=1000)
    published = sha256(CONTENT).hexdigest()
    assert refusal(replace(wanted, sha256=published)).message == "fetch.checksum"
    assert not wanted.path.with_name("a.bin.part").exists()


def test_a_length_that_is_no_number_is_refused(server, wanted):
    server.answers["/a.bin"] = beginning(CONTENT, length="12 apples")
    assert refusal(wanted).message == "fetch.length"


@pytest.mark.parametrize("code", [429, 503])
def test_a_server_that_asks_to_wait_is_waited_for(server, wanted, code):
    server.answers["/a.bin"] = once(server, status(code, Retry_After="1"))
    began = time.monotonic()
    assert arrived(wanted)
    assert time.monotonic() - began >= 1.0


def test_a_wait_for_too_long_is_told_and_not_cut_short(server, wanted):
    server.answers["/a.bin"] = status(503, Retry_After="3600")
    found = refusal(wanted)
    assert found.message == "fetch.come_back"
    assert "3,600" in found.render("en")
    assert len(server.asked) == 1


def test_a_server_that_keeps_refusing_is_asked_a_few_times(server, wanted):
    server.answers["/a.bin"] = status(503)
    assert refusal(wanted).message == "fetch.status"
    assert len(server.asked) == 1 + QUICK.retries


def test_what_a_server_does_not_have_is_told_apart(server, wanted):
    del server.files["/a.bin"]
    assert isinstance(refusal(wanted), AbsentError)
    server.answers["/a.bin"] = status(403)
    assert refusal(wanted).message == "fetch.not_allowed"


def test_redirects_are_followed(server, wanted):
    server.answers["/a.bin"] = status(302, Location="/b.bin")
    server.files["/b.bin"] = CONTENT
    assert arrived(wanted)


@pytest.mark.parametrize(
    "place",
    ["file:///etc/passwd", "ftp://127.0.0.1/a", "gopher://127.0.0.1/a", "http://user:pw@127.0.0.1/",
     "data:text/plain,a", "//[::1/a"],
)  # fmt: skip
def test_redirects_to_no_web_address_are_refused(server, wanted, place):
    server.answers["/a.bin"] = status(302, Location=place)
    assert refusal(wanted).message == "fetch.redirect_elsewhere"


@pytest.mark.parametrize("headers", [{"Location": "/b.bin"}, {"Retry-After": "0"}])
def test_bodies_of_redirects_and_errors_are_not_read(server, wanted, headers):
    def endless(request):
        request.send_response(302 if "Location" in headers else 503)
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()
        while True:
            request.wfile.write(b"\0" * 65_536)

    server.answers["/a.bin"] = once(server, endless)
    server.files["/b.bin"] = CONTENT
    assert arrived(wanted)


def test_redirects_in_a_circle_end(server, wanted):
    server.answers["/a.bin"] = status(302, Location="/b.bin")
    server.answers["/b.bin"] = status(302, Location="/a.bin")
    assert refusal(wanted).message == "fetch.redirects"
    assert len(server.asked) <= QUICK.redirects + 1


def test_a_file_larger_than_allowed_is_refused_before_it_comes(server, wanted):
    small = replace(wanted, largest_bytes=1000)
    assert refusal(small).message == "fetch.too_large"
    assert not wanted.path.with_name("a.bin.part").exists()


def test_a_stream_without_end_is_cut_off(server, wanted):
    def endless(request):
        request.send_response(200)
        request.end_headers()
        while True:
            request.wfile.write(b"\0" * 65_536)

    server.answers["/a.bin"] = endless
    assert refusal(wanted).message == "fetch.too_large"


def test_a_server_that_falls_silent_or_drips_is_given_up(server, wanted):
    def silent(request):
        beginning(CONTENT, count=10)(request)
        request.wfile.flush()
        time.sleep(1.0)

    def dripping(request):
        beginning(CONTENT, count=10)(request)
        for _ in range(20):
            request.wfile.write(b"a")
            request.wfile.flush()
            time.sleep(0.05)

    limits = replace(QUICK, retries=0)
    for answer in (silent, dripping):
        server.answers["/a.bin"] = answer
        assert refusal(wanted, limits).message == "fetch.broken"


def test_compressed_answers_that_nobody_asked_for_are_refused(server, wanted):
    server.answers["/a.bin"] = status(200, Content_Encoding="gzip")
    assert refusal(wanted).message == "fetch.encoded"


def test_a_published_md5_is_compared(server, wanted):
    listed = replace(wanted, md5_url=f"{server.address}/a.bin.md5")
    server.files["/a.bin.md5"] = f"{md5(b'other').hexdigest()}  a.bin\n".encode()
    assert refusal(listed).message == "fetch.checksum"
    server.files["/a.bin.md5"] = b"<html>not found</html>"
    assert refusal(listed).message == "fetch.no_checksum"
    server.files["/a.bin.md5"] = f"{md5(CONTENT).hexdigest().upper()}  a.bin\n".encode()
    assert isinstance(get(listed), Got)


def test_a_beginning_of_another_file_is_dropped_once_the_checksum_tells(server, wanted):
    etag = f'"{md5(CONTENT).hexdigest()}"'
    server.answers["/a.bin"] = once(server, beginning(b"\0" * len(CONTENT), etag=etag))
    refusal(wanted, replace(QUICK, retries=0))
    listed = replace(wanted, sha256=sha256(CONTENT).hexdigest())
    assert isinstance(get(listed), Got)
    assert wanted.path.read_bytes() == CONTENT


def test_a_full_disk_is_told_before_a_byte_is_written(server, wanted, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10, 9, 1000))
    assert refusal(wanted).message == "fetch.disk_full"


def test_what_is_no_server_is_told_without_the_key(tmp_path):
    wanted = Wanted(
        url="http://127.0.0.1:9/?token=sesame", shown="http://127.0.0.1:9/?token={key}",
        path=tmp_path / "a", largest_bytes=10,
    )  # fmt: skip
    found = refusal(wanted)
    assert found.message == "fetch.unreachable"
    assert "sesame" not in str(found)


def test_a_host_has_few_connections_at_once(server, tmp_path):
    def slow(request):
        time.sleep(0.05)
        send_file(request, CONTENT)

    files = []
    for number in range(6):
        server.answers[f"/{number}"] = slow
        address = f"{server.address}/{number}"
        files.append(Wanted(url=address, shown=address, path=tmp_path / str(number),
                            largest_bytes=1_000_000))  # fmt: skip
    found = Downloads(QUICK, lambda *told: None).get(files)
    assert all(isinstance(one, Got) for one in found.values())
    assert server.most_together == QUICK.connections_per_host


def test_the_proxy_of_the_environment_is_asked(server, wanted, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", server.address)
    monkeypatch.setenv("http_proxy", server.address)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    address = "http://maps.invalid/a.bin"
    server.files[address] = CONTENT
    assert isinstance(get(replace(wanted, url=address, shown=address)), Got)
    assert server.paths() == [address]


def test_a_request_to_stop_ends_what_is_under_way(server, wanted):
    released = threading.Event()

    def hanging(request):
        beginning(CONTENT, count=10)(request)
        request.wfile.flush()
        released.wait(0.4)

    server.answers["/a.bin"] = hanging

    def interrupted(step, done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Downloads(QUICK, interrupted).get([wanted])
    assert not wanted.path.exists()
