"""The logo of public pages: drawn anew from its pixels, so that nothing else of a file is served."""

import io
from typing import BinaryIO

from PIL import Image, ImageOps

MAX_BYTES = 2 * 1024**2
MAX_PIXELS = 16_000_000
BOX = (480, 160)  # twice the pixels in which it is shown
_FORMATS = ("PNG", "JPEG", "WEBP")


class NoLogo(ValueError):
    """Why the file cannot be a logo, in Japanese."""


def draw_logo(file: BinaryIO, *, size: int) -> bytes:
    """A PNG that fits into `BOX`, without anything the file says of itself. Raises `NoLogo`."""
    if size > MAX_BYTES:
        raise NoLogo(f"ファイルが大きすぎます。{MAX_BYTES // 1024**2}MBまでの画像を選んでください。")
    try:
        with Image.open(file, formats=_FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise NoLogo(
                    f"画像が大きすぎます（{image.width:,}×{image.height:,}画素）。"
                    f"{MAX_PIXELS // 10_000:,}万画素までに縮小してください。"
                )
            pixels = ImageOps.exif_transpose(image).convert("RGBA")
    except NoLogo:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError) as error:
        raise NoLogo("画像として読めません。PNG、JPEG、WebPのどれかを選んでください。") from error
    pixels.thumbnail(BOX)
    drawn = io.BytesIO()
    # A picture of its own: no profile, no text, no date comes along.
    Image.frombytes("RGBA", pixels.size, pixels.tobytes()).save(drawn, "PNG", optimize=True)
    return drawn.getvalue()
