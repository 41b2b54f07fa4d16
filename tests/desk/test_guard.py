"""Who may talk to the desk: each way in from outside is refused."""

import pytest

from .conftest import HOST, ORIGIN, TOKEN


def test_the_desk_answers_its_own_page(client):
    answer = client.get(f"/{TOKEN}/")
    assert answer.status_code == 200
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/a-secre/", "/a-secret-more/", "//", "/%61-secres/"])
def test_without_the_secret_nothing_is_there(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.content == b""


@pytest.mark.parametrize("host", ["evil.example:8123", "127.0.0.1", "127.0.0.1:80", ""])
def test_another_name_for_this_machine_is_refused(client, host):
    """A site whose name is pointed at 127.0.0.1 (DNS rebinding) sends its own name."""
    assert client.get(f"/{TOKEN}/", headers={"host": host}).status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"https://{HOST}", None])
def test_only_the_desks_own_pages_change_something(client, tmp_path, origin):
    """A page of results is sandboxed: its origin is "null"."""
    headers = {} if origin is None else {"origin": origin}
    target = tmp_path / "study"
    answer = client.post(f"/{TOKEN}/studies", data={"folder": str(target)}, headers=headers)
    assert answer.status_code == 403
    assert not target.exists()


def test_what_the_desks_page_sends_is_done(client, tmp_path):
    target = tmp_path / "study"
    answer = client.post(f"/{TOKEN}/studies", data={"folder": str(target)}, headers=ORIGIN)
    assert answer.status_code == 303
    assert target.is_dir()


def test_questions_across_origins_are_refused(client):
    headers = {"origin": "https://evil.example", "access-control-request-method": "PUT"}
    assert client.options(f"/{TOKEN}/", headers=headers).status_code == 403
