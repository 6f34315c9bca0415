"""Pages written anew with other links."""

from html.parser import HTMLParser

import pytest

from agreements.static_site.markup import LINKING, Rules, read, rewrite

PAGE = """<!DOCTYPE html>
<html lang="ja"><head><meta charset="utf-8"><title>A &amp; B</title>
<link rel="canonical" href="https://static-site.invalid/open/"><meta property="og:url" content="">
<script type="application/ld+json">{"url": "https://static-site.invalid/open/", "t": "1 < 2"}</script>
</head><body>
<svg viewBox="0 0 1 1"><linearGradient id="g"/></svg>
<a class="x" href="/gone/">前&nbsp;後</a><a href="/open/?a=1&amp;b=2">次</a><img src="/mark.svg" alt="">
<form method="get"><select name="kind"><option value="" selected>すべて</option>
<option value="k">種</option></select>
<input name="q"></form></body></html>
"""


def written(**changes):
    rules = {
        "link": lambda value: None if value == "/gone/" else f"ziel{value}",
        "absolute": lambda value: None,
        "words": lambda text: text.replace("https://static-site.invalid/open/", "../"),
        "search": "search/index.html",
    }
    return rewrite(PAGE, Rules(**{**rules, **changes}))


def test_only_links_change():
    html = written(chosen={"kind": "k", "company": '7"'}, after_form="<hr>")
    for kept in ("<!DOCTYPE html>", "A &amp; B", 'viewBox="0 0 1 1"', "前&nbsp;後", "1 < 2", '"url": "../"'):
        assert kept in html
    assert '<a href="ziel/open/?a=1&amp;b=2">次</a>' in html
    assert "<span>前&nbsp;後</span>" in html
    assert "canonical" not in html
    assert "og:url" not in html


def test_form_goes_to_the_search_and_takes_along_what_the_page_is_about():
    html = written(chosen={"kind": "k", "company": '7"'})
    assert 'action="search/index.html"' in html
    assert '<option value="k" selected="">' in html
    assert '<option value="">すべて' in html
    assert '<input type="hidden" name="company" value="7&quot;"></form>' in html


def test_field_that_the_page_has_gets_what_it_is_about():
    assert '<input name="q" value="観光&lt;"></form>' in written(chosen={"q": "観光<"})


class Parser(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found, self.anchors = [], set()

    def handle_starttag(self, tag, attrs):
        values = {name: value or "" for name, value in attrs}
        self.anchors |= {values["id"]} if "id" in values else set()
        self.found += [(tag, name, values[name]) for name in values if name in LINKING]
        self.found += [(tag, "action", values.get("action", ""))] if tag == "form" else []


@pytest.mark.parametrize(
    "html",
    [
        PAGE,
        '<a href=x id=y>1</a><A HREF=\'z&gt;\'>2</A><img alt="href=no" src="a>b"><br/><p>1 < 2</p>',
        (
            '<!-- <a href="no"> --><script src="x.js">"<a href=no>"</script>'
            '<style>a{}</style><a\n href="yes"\n>3</a>'
        ),
        (
            '<a data-href="no" aria-label="a=b" href="">4</a><form>5</form><form action="f">6</form>'
            '<input disabled id="i">'
        ),
    ],
)
def test_references_are_those_that_a_parser_finds(html):
    parser = Parser()
    parser.feed(html)
    assert read(html) == (parser.found, parser.anchors)


def test_references_are_read_with_their_element():
    found, anchors = read('<a href="x&amp;y" id="top"></a><img src="z"><form></form>')
    assert found == [("a", "href", "x&y"), ("img", "src", "z"), ("form", "action", "")]
    assert anchors == {"top"}
