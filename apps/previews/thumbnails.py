"""Small pictures, made of images from anywhere, and the files that hold them."""

import hashlib
from dataclasses import dataclass
from io import BytesIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageOps

# What is asked for; Pillow looks at the content, and knows no more than these.
TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif")
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
# Pixels on the longer side: twice of what a page shows. Below the least on a side, it is an icon or a tracker.
SIZE = 320
LEAST = 32
MOST_PIXELS = 20_000_000
# Each pass of a progressive JPEG goes over all pixels; cameras and editors make about ten.
PASS = b"\xff\xda"
MOST_PASSES = 100
QUALITY = 75
BACKGROUND = "white"
FOLDER = "previews"
# Stories whose pictures share a folder.
SHELF = 1000


class BadImage(Exception):
    """No picture that can be shown small."""


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A WebP without metadata; width and height in pixels."""

    data: bytes
    width: int
    height: int


def make(data: bytes) -> Thumbnail:
    """A thumbnail of an image's first frame. Raises BadImage. Cost: up to a second, and 60 MB for a while."""
    try:
        return _encoded(_reduced(data))
    except Exception as error:  # whatever Pillow raises, and it documents little, the image is to blame
        raise BadImage from error


def store(thumbnail: Thumbnail, story_id: int) -> str:
    """Keep it as a file of the story, under a name that says its content; the name. Idempotent."""
    digest = hashlib.sha256(thumbnail.data).hexdigest()[:16]
    name = f"{_folder(story_id)}/{story_id}-{digest}.webp"
    if not default_storage.exists(name):
        return default_storage.save(name, ContentFile(thumbnail.data))
    return name


def erase(story_id: int) -> None:
    """Delete all files of the story. Idempotent."""
    folder = _folder(story_id)
    if default_storage.exists(folder):
        for name in default_storage.listdir(folder)[1]:
            if name.startswith(f"{story_id}-"):
                default_storage.delete(f"{folder}/{name}")


def _reduced(data: bytes) -> Image.Image:
    """The image, upright, within SIZE, on a ground that shows in the dark too."""
    if data.count(PASS) > MOST_PASSES:
        raise BadImage
    with Image.open(BytesIO(data), formats=FORMATS) as image:
        if image.width * image.height > MOST_PIXELS:
            raise BadImage
        # Lets JPEG decode no more than is needed.
        image.thumbnail((SIZE, SIZE))
        upright = ImageOps.exif_transpose(image).convert("RGBA")
    if min(upright.size) < LEAST:
        raise BadImage
    reduced = Image.new("RGB", upright.size, BACKGROUND)
    reduced.paste(upright, mask=upright)
    return reduced


def _encoded(image: Image.Image) -> Thumbnail:
    target = BytesIO()
    image.save(target, "WEBP", quality=QUALITY)
    return Thumbnail(target.getvalue(), image.width, image.height)


def _folder(story_id: int) -> str:
    return f"{FOLDER}/{story_id // SHELF}"
