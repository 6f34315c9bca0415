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
