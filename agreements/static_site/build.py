"""The whole site, from the first page to its place."""

import json
import re
import shutil
import uuid
import zipfile
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone

from agreements.models import PublicEdition
from agreements.models.publication import only_of
from municipalities.models import Municipality

from .assets import copy_static
from .crawl import Crawl, Taken
from .folder import MARK, AlreadyRunning, Changes, FolderRefused, building, files, put_in_place
from .layout import ADDRESS, ORIGIN, Address, relative, resolve, without_index
from .links import problems
from .markup import Rules, rewrite
from .readme import FILE as README
from .readme import readme
from .search_index import FILE as SEARCH_INDEX
from .search_index import search_index

Tell = Callable[[int, int, str], None]
_SCRIPT = "js/static_search.js"
# `file:` for the site on a disk, where browsers differ about what 'self' is; on the web it opens nothing.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self' file:" for kind in ("script", "style", "img", "font")),
        "form-action 'self' file:",
        "base-uri 'none'",
    )
)
# Goes as soon as the search is there.
_NO_SEARCH = (
    "<p data-no-search>この検索にはJavaScriptが必要です。"
    "JavaScriptを使わないときは、下の一覧からお探しください。</p>"
)
_ATOM_ID = re.compile(rf"<id>({re.escape(ORIGIN)}[^<]*)</id>")
_SHARED_STRINGS = "xl/sharedStrings.xml"


@dataclass(frozen=True, slots=True)
class Site:
    """Whose agreements the site shows (None: those of all), and where it will lie ("": nobody knows)."""

    municipality: Municipality | None = None
    base_url: str = ""

    @property
    def name(self) -> str:
        return self.municipality.full_name if self.municipality else "すべての自治体"


@dataclass(frozen=True, slots=True)
class Report:
    """What a run made."""

    agreements: int
    files: int
    size: int
    changes: Changes


class SiteRefused(ValueError):
    """No site was made, and the old one stays; the messages say why, in Japanese."""

    def __init__(self, message: str, problems: Iterable[str] = (), *, is_running: bool = False) -> None:
        super().__init__(message)
        self.problems = list(problems)
        self.is_running = is_running


def export_site(folder: Path, site: Site, *, tell: Tell = lambda done, total, step: None) -> Report:
    """Write the site to the folder: whole and with every link right, or not at all. Raises `SiteRefused`."""
    try:
        with building(folder) as fresh, only_of(site.municipality):
            builder = _Builder(site, fresh / "site", fresh / "work", tell)
            agreements = builder.build()
            tell(0, 1, "リンクを確かめています")
            broken = problems(fresh / "site", site.base_url)
            if broken:
                raise SiteRefused(f"リンク切れなどが{len(broken)}か所あります。", broken)
            names = files(fresh / "site")
            size = sum((fresh / "site" / name).stat().st_size for name in names)
            tell(1, 1, "置き換えています")
            return Report(agreements, len(names), size, put_in_place(fresh / "site", folder))
    except AlreadyRunning as running:
        raise SiteRefused(str(running), is_running=True) from running
    except FolderRefused as refused:
        raise SiteRefused(str(refused)) from refused


class _Builder:
    def __init__(self, site: Site, out: Path, work: Path, tell: Tell) -> None:
        self.site, self.out, self.tell = site, out, tell
        self.today: date = timezone.localdate()
        municipality = site.municipality
        self.crawl = Crawl(
            site=site,
            folder=work,
            static_url=settings.STATIC_URL,
            municipality_path=reverse("agreements:public-municipality", args=[municipality.code])
            if municipality
            else "",
        )

    def build(self) -> int:
        """Returns how many agreements the site shows."""
        editions = list(
            PublicEdition.objects.standing().select_related("municipality").order_by("-on", "-pk")
        )
        self.crawl.run(
            self._starts(editions), lambda done, total: self.tell(done, total, "ページを作っています")
        )
        total = len(self.crawl.taken)
        for number, taken in enumerate(self.crawl.taken.values(), start=1):
            self.tell(number, total, "リンクを書き換えています")
            self._finish(taken)
        scripts = self._name_of(static(_SCRIPT))
        copy_static({*self.crawl.static, scripts}, self.out / "static")
        self._write(SEARCH_INDEX, search_index(editions, self.today))
        self._write(README, readme(self.site, self.today))
        self._write(MARK, json.dumps({"renkei_site": 1, "name": self.site.name}, ensure_ascii=False) + "\n")
        return len(editions)

    def _starts(self, editions: Iterable[PublicEdition]) -> list[str]:
        names = ["home", "search", "data", "accessibility", *(["sitemap"] if self.site.base_url else [])]
        graves = PublicEdition.objects.tombstones()
        agreements = [each.agreement_id for each in editions]
        agreements += graves.values_list("agreement", flat=True)
        return [
            *(reverse(f"agreements:public-{name}") for name in names),
            *(reverse("agreements:public-agreement", args=[pk]) for pk in agreements),
        ]

    def _write(self, name: str, text: str) -> None:
        target = self.out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="")

    def _finish(self, taken: Taken) -> None:
        if taken.is_page:
            self._write(taken.file, rewrite(taken.raw.read_text(encoding="utf-8"), self._rules(taken)))
        elif taken.is_text:
            # Byte by byte but for the addresses: a CSV keeps its mark and its line ends.
            text = taken.raw.read_bytes().decode()
            if not self.site.base_url and "atom" in taken.content_type:
                text = _ATOM_ID.sub(_urn, text)
            self._write(taken.file, self._readdressed(taken.file, text))
        else:
            target = self.out / taken.file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(taken.raw, target)
            if taken.file.endswith(".xlsx"):
                self._readdress_book(taken.file)

    # --- Links ---

    def _rules(self, taken: Taken) -> Rules:
        is_search = taken.address.path == self.crawl.search
        return Rules(
            link=lambda value: self._link(taken, value),
            absolute=lambda value: self._absolute(taken.address, value),
            words=lambda text: self._readdressed(taken.file, text),
            own=relative(taken.file, taken.file),
            head_first=f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            head_last=self._scripts(taken.file) if is_search else "",
            after_form=_NO_SEARCH if is_search else "",
            search=relative(taken.file, self._search_file()),
            root=relative(taken.file, README).removesuffix(README),
            chosen=self.crawl.context(taken.address),
        )

    def _search_file(self) -> str:
        return self.crawl.file_of(Address(self.crawl.search)) or "search/index.html"

    def _scripts(self, file: str) -> str:
        names = (SEARCH_INDEX, f"static/{self._name_of(static(_SCRIPT))}")
        return "".join(f'<script src="{relative(file, name)}" defer></script>' for name in names)

    def _name_of(self, static_url: str) -> str:
        return static_url.removeprefix(settings.STATIC_URL)

    def _link(self, taken: Taken, value: str) -> str | None:
        located = self.crawl.locate(taken.address, value)
        if located is None:
            return value
        address, fragment = located
        if not self.crawl.is_offered(address):
            return None
        file = self.crawl.file_of(address)
        # Without a file: the check of the links will name it.
        target = relative(taken.file, file or address.path.removeprefix(self.crawl.root) or "index.html")
        if file == self._search_file() and address.query:
            target += f"?{address.query}"
        if fragment:
            target = f"#{quote(fragment)}" if file == taken.file else f"{target}#{quote(fragment)}"
        return target

    def _absolute(self, page: Address, value: str) -> str | None:
        """A canonical address; None while nobody knows where the site will lie."""
        located = self.crawl.locate(page, value)
        file = self.crawl.file_of(located[0]) if located else None
        return f"{self.site.base_url}{without_index(file)}" if file and self.site.base_url else None

    def _readdressed(self, file: str, text: str) -> str:
        """The text with the addresses of the site; relative ones while nobody knows where it lies."""

        def address(match: re.Match[str]) -> str:
            found = resolve(Address(self.crawl.root), match[0])
            target = self.crawl.file_of(self.crawl.known(found[0])) if found else None
            if found is None or target is None:
                return match[0]
            named = f"{self.site.base_url}{target}" if self.site.base_url else relative(file, target)
            return without_index(named) + (f"#{quote(found[1])}" if found[1] else "")

        return ADDRESS.sub(address, text)

    def _readdress_book(self, file: str) -> None:
        """The addresses within a workbook of ours; any other stays as it is."""
        path = self.out / file
        with closing(zipfile.ZipFile(path)) as book:
            if _SHARED_STRINGS not in book.namelist():
                return
            text = book.read(_SHARED_STRINGS).decode()
            if ORIGIN not in text:
                return
            fresh = path.with_name(f"{path.name}.new")
            with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as written:
                for part in book.infolist():
                    content = book.read(part)
                    if part.filename == _SHARED_STRINGS:
                        content = self._readdressed(file, text).encode()
                    written.writestr(part, content)
        fresh.replace(path)


def _urn(match: re.Match[str]) -> str:
    """An id must be absolute and stay the same: one that names no place."""
    return f"<id>urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, match[1])}</id>"
