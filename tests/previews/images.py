"""Images, good and bad."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image


def image(kind: str = "PNG", size: tuple[int, int] = (640, 400), mode: str = "RGB", **options: Any) -> bytes:
    """One of a plain color."""
    target = BytesIO()
    Image.new(mode, size, "teal" if mode in {"RGB", "RGBA"} else 1).save(target, kind, **options)
    return target.getvalue()


def png_that_says(width: int, height: int) -> bytes:
    """A PNG that claims a size, and holds a megabyte of zeros, packed."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(2**20))),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
