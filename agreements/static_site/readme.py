"""README.txt of a site: what to do with it, for whoever gets the folder or the zip."""

from datetime import date
from typing import Any

from municipalities.wareki import format_wareki

FILE = "README.txt"

_TEXT = """\
連携協定の公開サイト（{name}）
{today} 現在

■ 見る
  index.html をダブルクリックすると、ブラウザーで開きます。サーバーもインターネットも要りません。
  検索も、このフォルダーの中だけで動きます（JavaScriptを使います。使わないときは一覧から探せます）。

■ ウェブサーバーに置く
  1. このフォルダーの中身を、そのままウェブサーバーの公開フォルダーへコピーします（FTP、USBメモリーなど）。
     ファイル名とフォルダーの構成は変えないでください。リンクはすべて相対なので、どの場所に置いても動きます。
  2. サーバーは、フォルダーのアドレス（…/）に index.html を返すように設定します
     （ほとんどのサーバーは初めからそうです）。
  3. 内容の種類（Content-Type）：.xml は application/atom+xml 又は application/xml、
     .jsonld は application/ld+json です。.html・.txt・.csv・.json の文字コードは UTF-8 です。
  4. サイトを更新するときは、前のファイルを残さずに置き換えてください。
     公開を取り下げた協定のファイルが残ると、取り下げたことになりません。
     例：rsync -a --delete （このフォルダー）/ （公開フォルダー）/

■ 置く場所のアドレス
  {base}

■ 中身
  index.html        最初のページ
  a/                協定のページとデータ（JSON）
  c/ f/ m/          企業、分野、自治体のページとデータ（CSV、JSON、Excelブック）
  documents/        自治体が公開した書類
  search/           検索   （search-index.js が検索用のデータです）
  static/           見た目とアイコン
  renkei-site.json  書き出しのプログラムが、自分の作ったサイトだと知るための印
"""
_BASE = "{url} に置くものとして作りました。フィードとサイトマップには、このアドレスを書いています。"
_NO_BASE = (
    "決めずに作りました。サイトマップ（sitemap.xml）と、正規のアドレス（canonical）はありません。\n"
    "  付けるときは、書き出すときに公開先のアドレスを指定してください。"
)


def readme(site: Any, today: date) -> str:
    base = _BASE.format(url=site.base_url) if site.base_url else _NO_BASE
    text = _TEXT.format(name=site.name, today=format_wareki(today), base=base)
    # With a mark and Windows line ends: it is read with Notepad.
    return "\ufeff" + text.replace("\n", "\r\n")
