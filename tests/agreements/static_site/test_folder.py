"""The folder of a site: one step from the old one to the new one, whatever happens on the way."""

import os

import pytest

from agreements.static_site import folder
from agreements.static_site.folder import MARK, AlreadyRunning, FolderRefused, building, files, put_in_place


def build(site, **contents):
    with building(site) as fresh:
        for name, text in {MARK: "{}", **contents}.items():
            (fresh / "site" / name).write_text(text)
        return put_in_place(fresh / "site", site)


def stamps(site):
    return {name: (site / name).stat().st_mtime_ns for name in files(site)}


@pytest.fixture(params=["one step", "two steps"])
def site(request, tmp_path, monkeypatch):
    if request.param == "two steps":
        monkeypatch.setattr(folder, "_exchange", lambda one, other: False)
    return tmp_path / "site"


def test_unchanged_files_stay_the_same_files_and_others_come_and_go(site):
    assert build(site, a="1", b="2", c="3").written == 4
    os.utime(site / "a", ns=(1, 1))
    changes = build(site, a="1", b="zwei", d="4")
    assert (changes.written, changes.kept, changes.removed) == (2, 2, 1)
    assert stamps(site)["a"] == 1
    assert {name: (site / name).read_text() for name in "abd"} == {"a": "1", "b": "zwei", "d": "4"}
    assert not (site / "c").exists()
    assert build(site, a="1", b="zwei", d="4").is_none
    assert [each.name for each in site.parent.iterdir() if each != site] == [".site.lock"]


def test_failed_run_leaves_the_old_site(site):
    build(site, a="1")
    with pytest.raises(FileNotFoundError):
        build(site, **{"a": "2", "no/folder": "3"})
    assert (site / "a").read_text() == "1"
    assert not site.with_name(".site.new").exists()


def test_run_killed_between_two_steps_is_healed_by_the_next(site):
    build(site, a="1")
    site.rename(site.with_name(".site.old"))  # it was killed here
    (site.with_name(".site.new") / "site").mkdir(parents=True)
    with pytest.raises(RuntimeError), building(site):
        raise RuntimeError
    assert (site / "a").read_text() == "1"


def test_old_site_returns_when_the_new_one_cannot_take_its_place(tmp_path, monkeypatch):
    site = tmp_path / "site"
    build(site, a="1")
    monkeypatch.setattr(folder, "_exchange", lambda one, other: False)
    rename = type(site).rename

    def refusing(self, target):
        if self.name == "site" and self != site:
            raise OSError("disk full")
        return rename(self, target)

    monkeypatch.setattr(type(site), "rename", refusing)
    with pytest.raises(OSError, match="disk full"):
        build(site, a="2")
    assert (site / "a").read_text() == "1"


def test_second_run_at_once_is_refused(site):
    with building(site), pytest.raises(AlreadyRunning, match="実行中"), building(site):
        pass


def test_folder_of_somebody_else_stays_as_it_is(site):
    site.mkdir()
    assert build(site, a="1").written == 2  # an empty one may be taken
    other = site.with_name("other")
    other.mkdir()
    (other / "大事.txt").write_text("x")
    with pytest.raises(FolderRefused, match="公開サイト以外"), building(other):
        pass
    with pytest.raises(FolderRefused, match="フォルダーではありません"), building(other / "大事.txt"):
        pass
    with pytest.raises(FolderRefused, match="がありません"), building(other / "x" / "y"):
        pass
    assert (other / "大事.txt").read_text() == "x"
