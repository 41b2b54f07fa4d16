"""Bundles: the same bytes, whole or refused."""

import json
import os
import shutil
import stat
import zipfile
from collections import namedtuple

import pytest

import phusong
from phusong.errors import BundleError, OutputError
from phusong.fetch import Choices, fetch_province, pack, unpack
from phusong.fetch.bundle import CONTENTS, LICENCES

from .conftest import DAY, QUICK

STUDY = """
name = "A"
name_en = "A"
province = "Cao Bằng"
province_code = "04"
edition = "2025"
as_of = 2026-11-29
resolution_m = 90
[inputs]
offices = "bang/tru-so.csv"
[egov]
rules = "nd_118_2025"
"""


@pytest.fixture
def study(tmp_path):
    folder = tmp_path / "mine"
    (folder / "bang").mkdir(parents=True)
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    (folder / "bang" / "tru-so.csv").write_text("office_id\n1\n", encoding="utf-8")
    (folder / "secret.txt").write_text("not named by the study", encoding="utf-8")
    return folder


@pytest.fixture
def bundle(study, tmp_path):
    return pack(study, tmp_path / "a.zip").path


def tampered(bundle, change):
    """Return a copy of a bundle whose members `change` may change: name → (content, attributes)."""
    with zipfile.ZipFile(bundle) as archive:
        members = {one.filename: [archive.read(one), 0o100644] for one in archive.infolist()}
    change(members)
    copy = bundle.with_name("tampered.zip")
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (content, mode) in members.items():
            info = zipfile.ZipInfo(name.split("#")[0])
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return copy


def test_a_study_comes_back_as_it_was_without_what_it_does_not_name(study, bundle, tmp_path):
    there = unpack(bundle, tmp_path / "there" / "b")
    assert sorted(there.files) == ["bang/tru-so.csv", "study.toml"]
    assert there.unlicensed == ("bang/tru-so.csv",)
    for name in there.files:
        assert (there.path / name).read_bytes() == (study / name).read_bytes()
    assert sorted(one.name for one in there.path.iterdir()) == ["bang", "study.toml"]
    assert phusong.open_study(there.path).province == "Cao Bằng"


def test_the_same_study_gives_the_same_bytes(study, bundle, tmp_path):
    for path in study.rglob("*"):
        os.utime(path, (1, 1))
    assert pack(study, tmp_path / "b.zip").path.read_bytes() == bundle.read_bytes()


def test_a_fetched_study_travels_with_its_licences_and_without_downloads(tmp_path, sources):
    choices = Choices(as_of=DAY, sources=sources, without=("map", "cells"))
    fetch_province(tmp_path / "s", "Cao Bằng", choices, limits=QUICK, environment={})
    packed = pack(tmp_path / "s")
    assert packed.path == tmp_path / "s.zip"
    assert not packed.unlicensed
    assert "sources.json" in packed.files
    assert not any(name.startswith("downloads") for name in packed.files)
    with zipfile.ZipFile(packed.path) as archive:
        licences = archive.read(LICENCES).decode()
    assert "© a_terrain" in licences
    assert "CC BY 4.0" in licences
    there = unpack(packed.path, tmp_path / "t")
    assert phusong.check(phusong.open_study(there.path)).fault is None


def test_an_archive_or_a_folder_that_is_there_is_not_replaced(study, bundle, tmp_path):
    with pytest.raises(OutputError):
        pack(study, bundle)
    assert pack(study, bundle, replace=True).path == bundle
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.docx").write_text("years of work")
    with pytest.raises(OutputError, match="full"):
        unpack(bundle, tmp_path / "full")
    (tmp_path / "empty").mkdir()
    unpack(bundle, tmp_path / "empty")


@pytest.mark.parametrize(
    "name",
    ["../evil.txt", "/etc/evil.txt", "a/../../evil.txt", "C:/evil.txt", "a\\..\\evil.txt",
     "con.txt", "bang/nul", "study.toml ", "STUDY.TOML", "a\u202etxt.exe", "bang//b", "./a"],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused(bundle, tmp_path, name):
    def add(members):
        members[name] = [b"evil", 0o100644]

    refuse(tampered(bundle, add), tmp_path)


@pytest.mark.parametrize("mode", [stat.S_IFLNK | 0o777, stat.S_IFIFO, stat.S_IFDIR])
def test_links_and_what_is_no_file_are_refused(bundle, tmp_path, mode):
    def link(members):
        members["bang/tru-so.csv"] = [b"/etc/passwd", mode]

    refuse(tampered(bundle, link), tmp_path)


def test_files_that_differ_from_the_list_are_refused(bundle, tmp_path):
    def content(members):
        members["bang/tru-so.csv"][0] = b"office_id\n2\n"

    def size(members):
        members["bang/tru-so.csv"][0] += b"more"

    def unlisted(members):
        members["more.csv"] = [b"1", 0o100644]

    def lacking(members):
        del members["bang/tru-so.csv"]

    def twice(members):
        members["bang/tru-so.csv#"] = [b"office_id\n3\n", 0o100644]

    def no_list(members):
        del members[CONTENTS]

    def other_list(members):
        members[CONTENTS][0] = b'{"format": "phusong bundle 2"}'

    for change in (content, size, unlisted, lacking, no_list, other_list):
        refuse(tampered(bundle, change), tmp_path)
    with pytest.warns(UserWarning, match="Duplicate"):
        copy = tampered(bundle, twice)
    refuse(copy, tmp_path)


def test_bombs_and_what_the_disk_cannot_hold_are_refused(bundle, tmp_path, monkeypatch):
    def bomb(members):
        big = b"\0" * 230_000_000
        listed = json.loads(members[CONTENTS][0])
        row = next(one for one in listed["files"] if one["path"] == "bang/tru-so.csv")
        row["bytes"] = len(big)
        members[CONTENTS][0] = json.dumps(listed).encode()
        members["bang/tru-so.csv"][0] = big

    refuse(tampered(bundle, bomb), tmp_path)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10, 9, 1000))
    refuse(bundle, tmp_path)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_bundle_that_was_cut_off_is_refused(bundle, tmp_path, share):
    content = bundle.read_bytes()
    bundle.write_bytes(content[: int(share * len(content))])
    refuse(bundle, tmp_path)


def test_a_damaged_member_is_found(bundle, tmp_path):
    content = bytearray(bundle.read_bytes())
    with zipfile.ZipFile(bundle) as archive:
        member = archive.getinfo("study.toml")
    content[member.header_offset + 30 + len("study.toml") + 20] ^= 0xFF
    bundle.write_bytes(bytes(content))
    refuse(bundle, tmp_path)


def refuse(bundle, tmp_path):
    """Hold that nothing is unpacked and nothing left behind."""
    before = {one.name for one in tmp_path.iterdir()}
    with pytest.raises(BundleError) as refused:
        unpack(bundle, tmp_path / "out")
    assert bundle.name in refused.value.render("vi")
    assert {one.name for one in tmp_path.iterdir()} == before
