import pytest

from agreements import checks


def test_nothing_to_complain_about_when_library_and_fonts_are_there():
    assert checks.check_subsetter(None) == []


def test_missing_subsetter_is_a_warning_that_says_what_to_install(monkeypatch):
    monkeypatch.setattr(checks, "_SUBSETTERS", ("libnowhere.so.0",))
    (warning,) = checks.check_subsetter(None)
    assert warning.id == "agreements.W001"
    assert "libharfbuzz-subset0" in warning.hint


def test_unbuilt_fonts_are_a_warning_that_names_the_command(settings, tmp_path):
    settings.RENKEI_PRINT_FONT_DIR = tmp_path
    (warning,) = checks.check_print_fonts(None)
    assert warning.id == "agreements.W003"
    assert "build_print_fonts" in warning.hint


def test_no_font_at_all_is_a_warning_that_says_what_to_install(settings, tmp_path, monkeypatch):
    settings.RENKEI_PRINT_FONT_DIR = tmp_path
    monkeypatch.setenv("PATH", str(tmp_path))
    (warning,) = checks.check_print_fonts(None)
    assert warning.id == "agreements.W002"
    assert "fonts-noto-cjk" in warning.hint


@pytest.mark.parametrize(
    ("encoding", "ctype", "provider", "is_refused"),
    [
        ("UTF8", "C.UTF-8", "c", False),
        ("UTF8", "ja_JP.UTF-8", "c", False),
        ("UTF8", "C", "i", False),
        ("UTF8", "C", "c", True),
        ("UTF8", "POSIX", "c", True),
        ("SQL_ASCII", "C.UTF-8", "c", True),
        ("EUC_JP", "ja_JP", "c", True),
    ],
)
def test_a_database_that_takes_japanese_for_bytes_is_refused(encoding, ctype, provider, is_refused):
    assert bool(checks.locale_errors(encoding, ctype, provider)) is is_refused


@pytest.mark.django_db
def test_the_database_of_the_tests_can_search():
    assert checks.check_database_locale(None, databases=["default"]) == []
    assert checks.check_database_locale(None) == []
