"""Who may talk to the desk: each way in from outside is refused."""

import unicodedata

import pytest
from starlette.testclient import TestClient

from phusong.desk import serve
from phusong.desk.server import desk_app
from phusong.errors import OutputError

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


@pytest.fixture
def door(desk, monkeypatch):
    monkeypatch.setattr("phusong.desk.server._ATTEMPT_S", 0)
    app = desk_app(desk, TOKEN, (HOST,), "mười ký tự trở lên")
    return TestClient(app, base_url=f"http://{HOST}", follow_redirects=False)


def test_other_machines_come_in_by_the_password_alone(door, client):
    asked = door.get("/")
    assert asked.status_code == 200
    assert TOKEN not in asked.text
    for wrong in ("", "mười ký tự trở lê", "mười ký tự trở lên "):
        refused = door.post("/", data={"password": wrong}, headers=ORIGIN)
        assert refused.status_code == 403
        assert TOKEN not in f"{refused.text}{refused.headers}"
    for form in ("NFC", "NFD"):  # as keyboards send it
        right = unicodedata.normalize(form, "mười ký tự trở lên")
        entered = door.post("/", data={"password": right}, headers=ORIGIN)
        assert entered.status_code == 303
    assert entered.headers["location"] == f"/{TOKEN}/"
    assert door.get("/style.css").status_code == 404  # nothing else without the secret
    assert door.post("/", data={"password": "x"}).status_code == 403  # of another site
    assert door.get("/", headers={"host": "evil.example"}).content == b""
    assert client.get("/").status_code == 404  # no door where nobody asked for one


@pytest.mark.parametrize(
    ("address", "password", "told"),
    [
        ("0.0.0.0", "mười ký tự trở lên", "which_address"),
        ("127.0.0.1", "ngắn", "short_password"),
        ("127.0.0.1", None, "short_password"),
        ("203.0.113.7", "mười ký tự trở lên", "no_address"),
    ],
)
def test_no_door_is_opened_without_a_password_or_at_another_machine(address, password, told):
    with pytest.raises(OutputError) as refused:
        serve(address=address, password=password, browser=False)
    assert refused.value.message == f"desk.{told}"
