"""Draws thumbnails in a process of its own, which a hostile file may bring down, fill or hang without harm to others.

Run as a script, alone: it imports nothing of ours, knows no secret and no address. Speaks lines of JSON: takes
{"source", "target", "content_type"}, answers {"width", "height", "thumbnail"}, where the numbers may be null, and
`thumbnail` is the type of what now lies at the target, or null.
"""

import contextlib
import json
import os
import resource
import signal
import sys
import warnings
from io import BytesIO
from typing import IO, Any, Final

from PIL import Image, ImageCms, ImageFile, features

# Address space: a picture of the most pixels, opened, turned and made smaller, with the libraries themselves.
MEMORY_BYTES: Final = 1536 * 1024 * 1024
# Of the processor; the parent's own clock is the outer limit.
CPU_SECS: Final = 15
OUTPUT_BYTES: Final = 4 * 1024 * 1024
OPEN_FILES: Final = 64
# 64 million: more than cameras of phones make. A JPEG is opened at an eighth of its size, so it may have more.
MAX_PIXELS: Final = 64_000_000
MAX_JPEG_PIXELS: Final = 256_000_000
# The longest side, in pixels: twice what a message shows, for dense screens.
SIDE: Final = 640
QUALITY: Final = 78
WEBP: Final = "image/webp"
JPEG: Final = "image/jpeg"
PDF: Final = "application/pdf"
FORMATS: Final = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/bmp": "BMP",
    "image/tiff": "TIFF",
}

# Orientation of EXIF -> what makes it upright.
TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

Drawn = dict[str, Any]


def draw(source: str, target: str, content_type: str) -> Drawn:
    """Write a thumbnail of a file and return its size, before it was made smaller, and the thumbnail's type.

    Raises whatever the libraries raise for a file they do not like.
    """
    opened = _first_page(source) if content_type == PDF else _first_frame(source, FORMATS[content_type])
    width, height, picture = opened
    return {"width": width, "height": height, "thumbnail": _saved(picture, target)}


def _first_frame(source: str, kind: str) -> tuple[int, int, Image.Image]:
    with Image.open(source, formats=[kind]) as image:
        width, height = image.size
        # Before anything else is asked: some kinds read all pixels to tell how the camera was held.
        if width * height > (MAX_JPEG_PIXELS if kind == "JPEG" else MAX_PIXELS):
            raise ValueError("too many pixels")
        image.draft("RGB", (SIDE, SIDE))
        image.load()
        orientation = _orientation(image)
        # Turned by a quarter: what is stored as wide is seen as high.
        if orientation in (5, 6, 7, 8):
            width, height = height, width
        # Smaller first, then turned: a quarter of the memory.
        picture = _as_shown(image)
        picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
        if orientation in TURNS:
            picture = picture.transpose(TURNS[orientation])
        return width, height, picture


def _orientation(image: Image.Image) -> int:
    """How a camera was held; data that cannot be read are no reason to show nothing."""
    with contextlib.suppress(Exception):
        return int(image.getexif().get(0x0112, 1))
    return 1


def _as_shown(image: Image.Image) -> Image.Image:
    """A copy in the colours of screens, with the transparency it has."""
    has_alpha = "A" in image.getbands() or "transparency" in image.info
    profile = image.info.get("icc_profile")
    if image.mode.startswith(("I", "F")):
        # More than 8 bits a pixel: the brightest becomes white.
        low, high = image.getextrema()
        scale = 255.0 / max(float(high) - float(low), 1.0)  # type: ignore[arg-type]  # of one band
        return image.convert("F").point(lambda value: value * scale - float(low) * scale).convert("L")  # type: ignore[arg-type]
    if profile and not has_alpha and image.mode in ("RGB", "CMYK"):
        # A profile that is broken is no reason to show nothing.
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):
            own = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if converted is not None:
                return converted
    return image.convert("RGBA" if has_alpha else "RGB")


def _first_page(source: str) -> tuple[int, int, Image.Image]:
    import pypdfium2

    document = pypdfium2.PdfDocument(source)
    page = document[0]
    width, height = page.get_size()
    longest = max(width, height, 1.0)
    bitmap = page.render(scale=min(SIDE / longest, 4.0), fill_color=(255, 255, 255, 255), may_draw_forms=False)
    picture = bitmap.to_pil().convert("RGB")
    return max(1, round(width)), max(1, round(height)), picture


def _saved(picture: Image.Image, target: str) -> str:
    if features.check("webp"):
        picture.save(target, "WEBP", quality=QUALITY, method=3)
        return WEBP
    if picture.mode == "RGBA":
        white = Image.new("RGB", picture.size, "white")
        white.paste(picture, mask=picture.getchannel("A"))
        picture = white
    picture.convert("RGB").save(target, "JPEG", quality=QUALITY)
    return JPEG


def limit_self() -> None:
    """Give up what is not needed, for good; libraries are loaded before."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES, OUTPUT_BYTES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # A write over the limit is an error of that picture, not the end.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    # Ctrl+C is for the parent, who ends us by closing the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        os.nice(10)


def more_time() -> None:
    """Allow the processor for the next picture; SIGXCPU ends what takes longer."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + CPU_SECS
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def serve(asked: IO[str], answers: IO[str]) -> None:
    """Draw until nobody asks any more."""
    for line in asked:
        more_time()
        try:
            drawn = draw(**json.loads(line))
        except MemoryError:
            # What is left of our memory nobody knows: the parent starts another one.
            os._exit(1)
        except Exception as error:
            drawn = {"width": None, "height": None, "thumbnail": None, "why": type(error).__name__}
        answers.write(json.dumps(drawn) + "\n")
        answers.flush()


if __name__ == "__main__":
    # A picture over the limit is refused by its size, before Pillow's own guess; warnings would fill the pipe.
    Image.MAX_IMAGE_PIXELS = None
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    warnings.simplefilter("ignore")
    Image.init()
    import pypdfium2 as _loaded  # noqa: F401  # before the limits, which forbid to load much

    limit_self()
    serve(sys.stdin, sys.stdout)
