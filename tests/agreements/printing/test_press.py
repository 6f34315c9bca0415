"""Whatever a layout does, it ends in time, in a process that can be killed; the next one works."""

import os
import signal
import threading
import time

import pytest
from django.utils.html import escape

from agreements.printing import renderer
from agreements.printing.press import Limits, Press, PressFailed, Setup
from agreements.printing.renderer import PrintError, press_setup, render_html

FINE = '<!DOCTYPE html><html lang="ja"><title>試験</title><body class="portrait"><p>本文'
# An automatic table with a long Japanese text takes minutes (ours are fixed).
ENDLESS = (
    f'{FINE}<table style="table-layout: auto; width: auto"><tr><td>{"協定" * 4000}<td>{"連携" * 4000}</table>'
)
HUGE = f'{FINE}<table><tr><td colspan="1000000000">協定</table>'


@pytest.fixture(scope="module")
def setup() -> Setup:
    usual = press_setup()
    return Setup(usual.stylesheet, usual.folders, usual.warm_up, Limits(seconds=3, megabytes=1024))


@pytest.fixture(scope="module")
def press(setup):
    with Press(setup) as press:
        yield press


def printed(press: Press, html: str = FINE) -> bytes:
    return press.print(html, variant="pdf/ua-1", attachments={})


def test_prints_what_this_process_prints(press):
    assert printed(press) == render_html(FINE, attachments={})


@pytest.mark.parametrize(("html", "kind"), [(ENDLESS, "time"), (HUGE, "memory")], ids=["time", "memory"])
def test_document_without_end_is_stopped_and_the_next_one_works(press, html, kind):
    started = time.monotonic()
    with pytest.raises(PressFailed) as caught:
        printed(press, html)
    assert caught.value.kind == kind
    assert time.monotonic() - started < 30
    assert printed(press).startswith(b"%PDF-")


def test_nested_without_end_is_an_error_of_this_document_alone(press):
    before = printed(press) and press.pid
    with pytest.raises(PressFailed, match="組版できない内容"):
        printed(press, FINE + "<ul><li>" * 1500 + "深い")
    assert press.pid == before


def test_killed_process_takes_nobody_with_it(press):
    pid = printed(press) and press.pid
    threading.Timer(0.3, os.kill, (pid, signal.SIGKILL)).start()
    with pytest.raises(PressFailed, match="途中で止まりました"):
        printed(press, ENDLESS)
    assert printed(press).startswith(b"%PDF-")


def test_stopped_from_elsewhere_it_stays_stopped(setup):
    press = Press(setup)
    threading.Timer(2, press.stop).start()
    with pytest.raises(PressFailed, match="中止"):
        printed(press, ENDLESS)
    with pytest.raises(PressFailed, match="中止"):
        printed(press)
    assert press.pid is None


def test_large_document_is_laid_out_apart_and_says_why_it_failed(monkeypatch, settings):
    settings.RENKEI_PRINT_SECONDS = 2
    monkeypatch.setattr(renderer, "_LARGE", 0)
    assert render_html(FINE, attachments={}).startswith(b"%PDF-")
    with pytest.raises(PrintError, match="2秒以内"):
        render_html(ENDLESS, attachments={})


# -- What people may have pasted, in the tables that we print it in ----------------------------------------
HOSTILE = {
    "a word of a megabyte": "A" * 1_000_000,
    "a Japanese text of a field": "連携と協働に関する事項。" * 850,
    "combining marks": "か" + "\u3099" * 3_000,
    "bidirectional and control characters": "甲\u202e乙\u2066丙\x00\x1b\ufeff丁" * 500,
    "a nested list as text": "<ul><li>" * 2_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_ends_in_time(text, text_of, settings):
    settings.RENKEI_PRINT_SECONDS = 30
    row = f'<tr class="long"><th scope="row">目的</th><td class="prose">{escape(text)}</td></tr>'
    html = f'{FINE}<table class="facts"><colgroup><col class="w-26"><col></colgroup>{row}</table><p>終わり'
    assert "終わり" in text_of(render_html(html, attachments={}))
