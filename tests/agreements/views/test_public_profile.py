"""How a municipality presents itself: logo, own host name, and the way back from every change."""

import io
import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from agreements.actions.publication import publish
from agreements.models import PublicProfile
from agreements.public_logo import BOX, NoLogo, draw_logo
from tests.factories import AgreementFactory, PublicProfileFactory

TODAY = date(2026, 10, 1)
HOST = "renkei.city.example.lg.jp"
FORM = {"fields_shown": ["items"], "licence": "cc-by-4.0"}


def url(name, *args):
    return reverse(f"agreements:{name}", args=args)


def picture(form="PNG", size=(600, 300), mode="RGB", **options):
    content = io.BytesIO()
    Image.new(mode, size, "white").save(content, form, **options)
    content.seek(0)
    content.name = f"logo.{form.lower()}"
    return content


@pytest.fixture
def hosts(settings):
    settings.RENKEI_PUBLIC_HOSTS = [HOST, ".public.example.jp"]
    settings.ALLOWED_HOSTS = ["testserver", *settings.RENKEI_PUBLIC_HOSTS]


# -- The logo ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_logo_is_drawn_anew_and_small(form):
    exif = Image.Exif()
    exif[0x013B] = "山田"
    told = PngInfo()
    told.add_text("Author", "SECRET")
    content = picture(form, **({"pnginfo": told} if form == "PNG" else {"exif": exif}))
    drawn = draw_logo(content, size=len(content.getvalue()))
    logo = Image.open(io.BytesIO(drawn))
    assert (logo.format, logo.size, dict(logo.info)) == ("PNG", (320, BOX[1]), {})
    assert b"SECRET" not in drawn


@pytest.mark.parametrize(
    ("content", "size", "told"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", 60, "画像として読めません"),
        (b"\x89PNG\r\n\x1a\n broken", 20, "画像として読めません"),
        (picture("GIF").getvalue(), 20, "画像として読めません"),
        (picture(size=(5000, 4000), mode="1").getvalue(), 20, "画素"),
        (b"", 3 * 1024**2, "大きすぎます"),
    ],
)
def test_what_is_no_logo_is_refused_in_words(content, size, told):
    with pytest.raises(NoLogo, match=told):
        draw_logo(io.BytesIO(content), size=size)


@pytest.mark.django_db
def test_logo_is_shown_on_the_pages_of_the_municipality_and_goes_away_again(manager_client, fukuoka, today):
    path, logo = url("public-profile"), url("public-municipality-logo", "401307")
    page = url("public-municipality", "401307")
    assert manager_client.post(path, {**FORM, "logo_file": picture("JPEG")}).status_code == 302
    answer = Client().get(logo)
    assert (answer["Content-Type"], answer.content[:4]) == ("image/png", b"\x89PNG")
    assert f'src="{logo}"' in Client().get(page).content.decode()
    shown = manager_client.get(path).content.decode()
    seen = re.search(r'name="seen" value="([^"]+)"', shown)[1]
    undo = re.search(r'action="([^"]+/undo/\d+/)"', shown)[1]
    both = manager_client.post(path, {**FORM, "seen": seen, "remove_logo": "on", "logo_file": picture()})
    assert "チェックを外してください" in both.content.decode()
    svg = io.BytesIO(b"<svg/>")
    svg.name = "logo.svg"
    assert (
        "画像として読めません"
        in manager_client.post(path, {**FORM, "seen": seen, "logo_file": svg}).content.decode()
    )
    manager_client.post(path, {**FORM, "seen": seen, "remove_logo": "on"})
    assert Client().get(logo).status_code == 404
    again = re.search(r'action="([^"]+/undo/\d+/)"', manager_client.get(path).content.decode())[1]
    assert again != undo
    manager_client.post(again)
    assert Client().get(logo).content == answer.content


# -- Taking back, and two people at once ---------------------------------------------------------------
@pytest.mark.django_db
def test_settings_are_taken_back_to_what_they_were(manager_client, fukuoka, today):
    path = url("public-profile")
    manager_client.post(path, {**FORM, "display_name": "先の名前"})
    seen = PublicProfile.objects.get().updated_at.isoformat()
    manager_client.post(path, {**FORM, "display_name": "後の名前", "fields_shown": [], "seen": seen})
    undo = re.search(r'action="([^"]+/undo/\d+/)"', manager_client.get(path).content.decode())[1]
    assert manager_client.post(undo).status_code == 302
    profile = PublicProfile.objects.get()
    assert (profile.display_name, profile.fields) == ("先の名前", ["items"])


@pytest.mark.django_db
def test_second_of_two_people_sees_both_versions(manager_client, fukuoka, today):
    path = url("public-profile")
    manager_client.post(path, {**FORM, "display_name": "ほかの人の名前"})
    late = manager_client.post(path, {**FORM, "display_name": "私の名前", "seen": ""})
    html = late.content.decode()
    assert late.status_code == 409
    assert "ほかの人の名前" in html
    assert "私の名前" in html
    assert PublicProfile.objects.get().display_name == "ほかの人の名前"
    seen = re.search(r'name="seen" value="([^"]+)"', html)[1]
    assert manager_client.post(path, {**FORM, "display_name": "私の名前", "seen": seen}).status_code == 302


# -- The own host name ---------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "stored", "told"),
    [
        (f" {HOST.upper()}. ", HOST, ""),
        ("kyotei.public.example.jp", "kyotei.public.example.jp", ""),
        ("testserver", None, "ホスト名だけを"),
        ("www.example.com", None, "PUBLIC_HOSTS"),
        (f"https://{HOST}/", None, "ホスト名だけを"),
        (f"{HOST}:8000", None, "ホスト名だけを"),
        ("a..public.example.jp", None, "ホスト名だけを"),
        ("taken.public.example.jp", None, "ほかの自治体"),
    ],
)
def test_host_name_is_one_that_the_operator_gave_to_public_pages(
    manager_client, fukuoka, obuse, hosts, today, typed, stored, told
):
    PublicProfileFactory(municipality=obuse, host_name="taken.public.example.jp")
    response = manager_client.post(url("public-profile"), {**FORM, "host_name": typed})
    assert told in response.content.decode()
    assert response.status_code == (302 if stored else 200)
    assert PublicProfile.of(fukuoka).host_name == stored


@pytest.mark.django_db
def test_host_of_a_municipality_serves_its_public_pages_and_nothing_else(
    client, manager_client, fukuoka, manager, hosts, today
):
    PublicProfileFactory(municipality=fukuoka, host_name=HOST)
    agreement = AgreementFactory(whole=True, municipality=fukuoka)
    publish(agreement=agreement, by=manager, version=1, today=TODAY)
    first = client.get("/", headers={"host": HOST})
    assert (first.status_code, first.url) == (302, url("public-municipality", "401307"))
    assert client.get(first.url, headers={"host": HOST}).status_code == 200
    assert client.get("/", headers={"host": "free.public.example.jp"}).url == "/open/"
    for path in ("/today/", reverse("account_login"), reverse("admin:index"), "/no-such-page/"):
        answer = manager_client.get(path, headers={"host": HOST})
        assert answer.status_code == 404, path
        assert "ページが見つかりません" in answer.content.decode()
        assert not answer.cookies
    assert client.post("/", headers={"host": HOST}).status_code == 404
    assert client.get("/open/", headers={"host": "elsewhere.example.jp"}).status_code == 400


@pytest.mark.django_db
def test_addresses_of_a_municipality_are_on_its_host_whoever_asks(
    client, fukuoka, obuse, manager, neighbour, hosts, settings, today
):
    settings.RENKEI_BASE_URL = "https://renkei.example.jp"
    PublicProfileFactory(municipality=fukuoka, host_name=HOST)
    ours, theirs = (AgreementFactory(whole=True, municipality=body) for body in (fukuoka, obuse))
    publish(agreement=ours, by=manager, version=1, today=TODAY)
    publish(agreement=theirs, by=neighbour, version=1, today=TODAY)
    own, other = url("public-agreement", ours.pk), url("public-agreement", theirs.pk)
    for host in ("testserver", HOST):
        page = client.get(own, headers={"host": host}).content.decode()
        assert f'<link rel="canonical" href="http://{HOST}{own}">' in page
        data = client.get(url("public-json"), headers={"host": host}).json()
        assert f"http://{HOST}{own}" in [each["url"] for each in data["agreements"]]
    page = client.get(other, headers={"host": HOST}).content.decode()
    assert f'<link rel="canonical" href="https://renkei.example.jp{other}">' in page


@pytest.mark.django_db
def test_taken_host_name_is_not_taken_back(manager_client, fukuoka, obuse, hosts, today):
    path = url("public-profile")
    manager_client.post(path, {**FORM, "host_name": HOST})
    seen = PublicProfile.objects.get().updated_at.isoformat()
    manager_client.post(path, {**FORM, "host_name": "", "seen": seen})
    undo = re.search(r'action="([^"]+/undo/\d+/)"', manager_client.get(path).content.decode())[1]
    PublicProfileFactory(municipality=obuse, host_name=HOST)
    html = manager_client.post(undo, follow=True).content.decode()
    assert "元に戻せません" in html
    assert PublicProfile.of(fukuoka).host_name is None
