"""Small pictures of images from anywhere."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, PngImagePlugin

from apps.previews import thumbnails
from apps.previews.thumbnails import BadImage, Thumbnail, make
from tests.previews.images import image, png_that_says

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"><script>alert(1)</script></svg>'


def opened(thumbnail: Thumbnail) -> Image.Image:
    return Image.open(BytesIO(thumbnail.data))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_image_becomes_a_small_webp(kind: str) -> None:
    made = make(image(kind))

    assert (made.width, made.height) == opened(made).size == (320, 200)
    assert opened(made).format == "WEBP"
    assert len(made.data) < 5000


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_image_of_any_colors_is_taken(mode: str) -> None:
    assert opened(make(image(mode=mode))).mode == "RGB"


def test_image_for_print_is_taken() -> None:
    assert opened(make(image("JPEG", mode="CMYK"))).mode == "RGB"


def test_what_can_be_seen_through_becomes_white() -> None:
    target = BytesIO()
    Image.new("RGBA", (99, 99), (0, 0, 0, 0)).save(target, "PNG")

    assert opened(make(target.getvalue())).getpixel((50, 50)) == (255, 255, 255)


def test_nothing_but_pixels_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010E] = "Where I live"
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "Where I live")
    photo = image("JPEG", exif=exif, icc_profile=b"Where I live", comment=b"Where I live", xmp=b"Where I live")

    made = [make(data).data for data in (photo, image(pnginfo=words), photo + b"PK\x03\x04 Where I live")]

    assert not any(b"Where" in data or b"EXIF" in data or b"ICCP" in data or b"XMP" in data for data in made)


def test_photograph_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    made = make(image("JPEG", exif=exif))

    assert (made.width, made.height) == (200, 320)


def test_of_a_moving_image_the_first_frame_is_shown() -> None:
    target = BytesIO()
    frames = [Image.new("RGB", (99, 99), color) for color in ("red", "blue")]
    frames[0].save(target, "GIF", save_all=True, append_images=frames[1:])

    shown = opened(make(target.getvalue()))

    assert getattr(shown, "n_frames", 1) == 1
    red, _, blue = shown.getpixel((50, 50))  # type: ignore[misc]  # an RGB image's pixel
    assert red > 200 > 50 > blue


def test_small_image_stays_small() -> None:
    assert make(image(size=(40, 50))).width == 40


BAD = {
    "nothing": b"",
    "text": b"GIF89a, but no image",
    "SVG": SVG,
    "HTML": b"<html><img src=x onerror=alert(1)>",
    "TIFF": image("TIFF"),
    "BMP": image("BMP"),
    "PDF": image("PDF"),
    "ICO": image("ICO", size=(64, 64)),
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n",
    "an icon": image(size=(16, 16)),
    "a tracker": image("GIF", size=(1, 1)),
    "a line": image(size=(4000, 20)),
    "25 million pixels": png_that_says(5000, 5000),
    "a billion pixels": png_that_says(40_000, 25_000),
    "as many as there are numbers": png_that_says(2**31 - 1, 2**31 - 1),
    "no pixels": png_that_says(0, 0),
    "half a PNG": image()[:-200],
    "half a JPEG": image("JPEG")[:200],
    "half a WebP": image("WEBP")[:60],
    "a JPEG of many passes": image("JPEG", progressive=True) + b"\xff\xda\x00\x00" * 200,
    "words that unpack": b"\x89PNG\r\n\x1a\n" + png_that_says(99, 99)[8:33] + b"\x7f\xff\xff\xffzTXt" + b"x" * 99,
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_fair_image_is_refused(kind: str) -> None:
    with pytest.raises(BadImage):
        make(BAD[kind])


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_damaged_image_is_shown_or_refused(kind: str) -> None:
    picture = Image.new("RGB", (99, 99))
    ImageDraw.Draw(picture).line((0, 0, 99, 99), "white", 9)
    target = BytesIO()
    picture.save(target, kind)
    whole = target.getvalue()

    for place in range(0, len(whole), max(1, len(whole) // 300)):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        try:
            make(bytes(damaged))
        except BadImage:
            continue


def test_file_is_named_by_its_content_and_kept_once(media: Path) -> None:
    made = make(image())

    names = {thumbnails.store(made, 1234), thumbnails.store(made, 1234)}

    (name,) = names
    assert name.startswith("previews/1/1234-")
    assert (media / name).read_bytes() == made.data


def test_files_of_a_story_are_erased_and_no_others(media: Path) -> None:
    made = [make(image(size=(width, 99))) for width in (90, 91)]
    kept = [thumbnails.store(made[0], 12), thumbnails.store(made[0], 1234)]
    for thumbnail in made:
        thumbnails.store(thumbnail, 123)

    thumbnails.erase(123)
    thumbnails.erase(123)
    thumbnails.erase(999_999)

    assert sorted(str(file.relative_to(media)) for file in media.rglob("*.webp")) == sorted(kept)
