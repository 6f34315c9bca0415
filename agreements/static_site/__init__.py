"""公開サイトの書き出し: the pages for everyone as plain files, for networks that citizens cannot reach.

`build` writes a site whole (ADR 0038): `crawl` follows the links of the public pages as a visitor would,
`markup` makes every link relative, `search_index` writes what the search without a server looks in, `links`
finds what leads nowhere, `folder` puts the finished site in the place of the old one.
"""

from .build import Report, Site, SiteRefused, export_site

__all__ = ["Report", "Site", "SiteRefused", "export_site"]
