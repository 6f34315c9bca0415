"""Running page numbers over many printouts, set at the foot of finished pages: 「通し 12 / 2005」.

They are known only when everything is laid out. So they are written by hand in a font of a few characters
cut from the print font, embedded like every other, searchable, and marked as belonging to the page and not
to the text.
"""

from __future__ import annotations

import functools
import io
import zlib
from dataclasses import dataclass
from pathlib import Path

from .sections import Page

NUMBER_FONT = b"RenkeiNumbers"
_CHARACTERS = "通し 0123456789/"
_SIZE = 7.5
_RIGHT, _BOTTOM = 15 * 72 / 25.4, 6.5 * 72 / 25.4  # of the paper, in points; inside what printers reach


@dataclass(frozen=True, slots=True)
class NumberFont:
    """PDF objects of the font, `@n` standing for a reference to the n-th; the first is the font itself."""

    objects: tuple[tuple[bytes, bytes | None], ...]
    glyphs: dict[str, tuple[int, float]]
    """character -> (glyph, width in thousandths)"""


@functools.lru_cache(maxsize=2)
def number_font(file: Path) -> NumberFont:
    """Cut the characters of the numbers out of a TrueType font (50 ms, then remembered)."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options(hinting=False, layout_features=[], notdef_outline=True, recalc_timestamp=False)
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx"]
    font = TTFont(file, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(text=_CHARACTERS)
    cutter.subset(font)
    target = io.BytesIO()
    font.save(target)
    scale = 1000 / font["head"].unitsPerEm
    names, widths = font.getBestCmap(), font["hmtx"].metrics
    glyphs = {
        each: (font.getGlyphID(names[ord(each)]), widths[names[ord(each)]][0] * scale) for each in _CHARACTERS
    }
    return NumberFont(_font_objects(font, target.getvalue(), scale, glyphs), glyphs)


def _font_objects(font, content: bytes, scale: float, glyphs) -> tuple[tuple[bytes, bytes | None], ...]:
    name = b"/RENKEI+RenkeiNumbers"
    packed = zlib.compress(content)
    widths = b" ".join(b"%d [%d]" % (glyph, round(width)) for glyph, width in sorted(glyphs.values()))
    head, metrics = font["head"], font["hhea"]
    box = b" ".join(b"%d" % round(each * scale) for each in (head.xMin, head.yMin, head.xMax, head.yMax))
    characters = b"\n".join(
        b"<%04x> <%04x>" % (glyph, ord(character)) for character, (glyph, _width) in glyphs.items()
    )
    to_unicode = (
        b"/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo\n"
        b"<< /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n/CMapName /Adobe-Identity-UCS def\n"
        b"/CMapType 2 def\n1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"
        b"%d beginbfchar\n%s\nendbfchar\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
        % (len(glyphs), characters)
    )
    packed_map = zlib.compress(to_unicode)
    return (
        (
            b"<</Type /Font/Subtype /Type0/BaseFont %s/Encoding /Identity-H/DescendantFonts [@1]"
            b"/ToUnicode @2>>" % name,
            None,
        ),
        (
            b"<</Type /Font/Subtype /CIDFontType2/BaseFont %s/CIDToGIDMap /Identity"
            b"/CIDSystemInfo <</Registry (Adobe)/Ordering (Identity)/Supplement 0>>"
            b"/DW 1000/W [%s]/FontDescriptor @3>>" % (name, widths),
            None,
        ),
        (b"<</Filter /FlateDecode/Length %d>>" % len(packed_map), packed_map),
        (
            b"<</Type /FontDescriptor/FontName %s/Flags 4/FontBBox [%s]/ItalicAngle 0/Ascent %d/Descent %d"
            b"/CapHeight %d/StemV 80/FontFile2 @4>>"
            % (
                name,
                box,
                round(metrics.ascent * scale),
                round(metrics.descent * scale),
                round(metrics.ascent * scale),
            ),
            None,
        ),
        (b"<</Filter /FlateDecode/Length %d/Length1 %d>>" % (len(packed), len(content)), packed),
    )


def number_stream(font: NumberFont, page: Page, number: int, total: int) -> bytes:
    """The content that puts 「通し n / N」 at the foot of the page, at the right."""
    text = f"通し {number} / {total}"
    width = sum(font.glyphs[each][1] for each in text) * _SIZE / 1000
    glyphs = b"".join(b"%04x" % font.glyphs[each][0] for each in text)
    content = (
        b"/Artifact <</Type /Pagination/Subtype /Footer>> BDC q 0 g BT /%s %.1f Tf 1 0 0 1 %.2f %.2f Tm"
        b" <%s> Tj ET Q EMC" % (NUMBER_FONT, _SIZE, page.width - _RIGHT - width, _BOTTOM, glyphs)
    )
    return b"<</Length %d>>\nstream\n%s\nendstream" % (len(content), content)
