"""Files that want to do harm to whoever draws them: bombs, lies about size, loops, wrong types, two types at once.

Each is made here, small on the wire. DRAWN are those of which a thumbnail can still be made: the harm is in what
nobody reads.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from typing import Final

from PIL import Image

from tests.support.files import png

Made = Callable[[], bytes]
KIB: Final = 1024


def chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int, pixels: bytes = b"", *between: bytes, depth: int = 8, colour: int = 0) -> bytes:
    """A PNG that says it has this size, whatever is in it."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = (chunk(b"IHDR", header), *between, chunk(b"IDAT", pixels), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@cache
def zeros(count: int) -> bytes:
    """So many zeros, compressed, without having them in memory."""
    packer = zlib.compressobj(1)
    block = bytes(1024 * KIB)
    parts = [packer.compress(block) for _ in range(count // len(block))]
    return b"".join([*parts, packer.compress(bytes(count % len(block))), packer.flush()])


def picture(kind: str, size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    """A real picture of a kind."""
    target = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(target, kind, **options)
    return target.getvalue()


def pdf(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from 1; the first is its catalogue."""
    body, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(objects) + 1, table)
    tail = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    return body + head + tail


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """A stream of a PDF."""
    return b"<</Length %d%b>>\nstream\n%b\nendstream" % (len(content), entries, content)


def page(content: bytes, box: bytes = b"0 0 200 100", resources: bytes = b"", *more: bytes) -> bytes:
    """A PDF of one page; `content` is its stream object, number 4."""
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[%b]/Contents 4 0 R/Resources<<%b>>>>" % (box, resources),
        content,
        *more,
    )


def tiff(entries: list[tuple[int, int, int, int]], following: int = 0, tail: bytes = b"") -> bytes:
    """A TIFF of one directory: tag, type, count, value."""
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<I", 8) + directory + struct.pack("<I", following) + tail


def tiff_of(
    width: int, height: int, strip_at: int, strip_length: int, compression: int = 1, tail: bytes = b""
) -> bytes:
    """A grey TIFF that says it has this size."""
    entries = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, 8),
        (259, 3, 1, compression),
        (262, 3, 1, 1),
        (273, 4, 1, strip_at),
        (277, 3, 1, 1),
        (278, 4, 1, height),
        (279, 4, 1, strip_length),
    ]
    return tiff(entries, tail=tail)


TIFF_HEAD: Final = len(tiff_of(1, 1, 0, 0))


def bmp(width: int, height: int, compression: int = 0, pixels: bytes = b"") -> bytes:
    """A BMP that says it has this size."""
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8 if compression else 24, compression, 0, 0, 0, 0, 0)
    colours = bytes(1024) if compression else b""
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, 54 + len(colours)) + info + colours + pixels


def gif(width: int, height: int, frame: bytes = b"") -> bytes:
    """A GIF that says it has this size."""
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + frame + b";"


def gif_frame(width: int, height: int, data: bytes) -> bytes:
    """One frame of a GIF."""
    return b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02" + bytes([len(data)]) + data + b"\0"


def jpeg_of(width: int, height: int) -> bytes:
    """A real JPEG that says it has another size."""
    body = picture("JPEG")
    at = body.index(b"\xff\xc0") + 5
    return body[:at] + struct.pack(">HH", height, width) + body[at + 4 :]


def jpeg_with(marker: int, data: bytes) -> bytes:
    """A real JPEG with a segment more."""
    return b"\xff\xd8\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data + picture("JPEG")[2:]


def animated() -> bytes:
    """A GIF of a thousand frames."""
    frames = [Image.new("L", (8, 8), number % 256) for number in range(1000)]
    target = io.BytesIO()
    frames[0].save(target, "GIF", save_all=True, append_images=frames[1:])
    return target.getvalue()


def pages(kind: str) -> bytes:
    """A picture file of many pages."""
    target = io.BytesIO()
    frames = [Image.new("L", (8, 8), number % 256) for number in range(300)]
    frames[0].save(target, kind, save_all=True, append_images=frames[1:])
    return target.getvalue()


def archive() -> bytes:
    """A zip file."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("x.class", b"\xca\xfe\xba\xbe" * 20)
    return target.getvalue()


def webp_of(width: int, height: int) -> bytes:
    """A WebP that says it has another size."""
    body = bytearray(picture("WEBP"))
    at = body.index(b"\x9d\x01\x2a") + 3
    body[at : at + 4] = struct.pack("<HH", width, height)
    return bytes(body)


LOOP_OF_EXIF: Final = b"Exif\0\0II*\0" + struct.pack("<I", 8) + struct.pack("<HHHIII", 1, 0x8769, 4, 1, 8, 8)
SLOW: Final = b"0 0 m " + b"1 1 99 99 50 0 c 0 99 99 0 50 99 c " * 20_000 + b"f*"
PAGE_OF_IMAGE: Final = b"/XObject<</I 5 0 R>>"
POSTSCRIPT: Final = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file\n"
HTML: Final = b"<html><script>alert(1)</script></html>"
SVG: Final = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'

# Name -> declared type, how it is made.
FILES: Final[dict[str, tuple[str, Made]]] = {
    "png: 400 million pixels in 50 kB": ("image/png", lambda: png_of(20_000, 20_000, zeros(50_000_000), depth=1)),
    "png: says it has 60,000 by 60,000": ("image/png", lambda: png_of(60_000, 60_000, zeros(1000))),
    "png: the largest sides there are": ("image/png", lambda: png_of(2**31 - 1, 2**31 - 1, zeros(1000))),
    "png: no side at all": ("image/png", lambda: png_of(0, 0, zeros(10))),
    "png: cut off in the middle": ("image/png", lambda: png(600, 400)[:-60]),
    "png: nothing but a header": ("image/png", lambda: png(60, 40)[:33]),
    "png: pixels that are no zlib": ("image/png", lambda: png_of(60, 40, b"\xff" * 500)),
    "png: a checksum that is wrong": ("image/png", lambda: png(60, 40)[:29] + b"\0\0\0\0" + png(60, 40)[33:]),
    "png: 64 MB of text in a comment": (
        "image/png",
        lambda: png_of(6, 4, zeros(28), chunk(b"zTXt", b"Comment\0\0" + zeros(64_000 * KIB))),
    ),
    "png: a colour profile that is a bomb": (
        "image/png",
        lambda: png_of(6, 4, zeros(28), chunk(b"iCCP", b"icc\0\0" + zeros(64_000 * KIB))),
    ),
    "png: 20,000 chunks nobody knows": (
        "image/png",
        lambda: png_of(6, 4, zeros(28), *[chunk(b"abCd", b"")] * 20_000),
    ),
    "png: a palette is missing": ("image/png", lambda: png_of(6, 4, zeros(28), colour=3)),
    "jpeg: says it has 65,500 by 65,500": ("image/jpeg", lambda: jpeg_of(65_500, 65_500)),
    "jpeg: cut off in the middle": ("image/jpeg", lambda: picture("JPEG", (800, 600))[:9000]),
    "jpeg: nothing but its first bytes": ("image/jpeg", lambda: b"\xff\xd8\xff\xe0"),
    "jpeg: no side at all": ("image/jpeg", lambda: jpeg_of(0, 0)),
    "jpeg: EXIF that points at itself": ("image/jpeg", lambda: jpeg_with(0xE1, LOOP_OF_EXIF)),
    "jpeg: EXIF that is garbage": ("image/jpeg", lambda: jpeg_with(0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff")),
    "jpeg: a colour profile that is garbage": (
        "image/jpeg",
        lambda: jpeg_with(0xE2, b"ICC_PROFILE\0\x01\x01" + b"\xff" * 200),
    ),
    "jpeg: 50 long comments": (
        "image/jpeg",
        lambda: b"\xff\xd8" + (b"\xff\xfe\xff\xff" + bytes(65_533)) * 50 + picture("JPEG")[2:],
    ),
    "jpeg: progressive, and cut off": (
        "image/jpeg",
        lambda: picture("JPEG", (800, 600), progressive=True)[:5000],
    ),
    "gif: says it has 65,535 by 65,535": (
        "image/gif",
        lambda: gif(65_535, 65_535, gif_frame(65_535, 65_535, b"\x84\x51")),
    ),
    "gif: no frame at all": ("image/gif", lambda: gif(60, 40)),
    "gif: pixels that are no LZW": ("image/gif", lambda: gif(60, 40, gif_frame(60, 40, b"\xff" * 90))),
    "gif: cut off in the middle": ("image/gif", lambda: picture("GIF", (400, 300))[:3000]),
    "gif: a thousand frames": ("image/gif", animated),
    "webp: cut off in the middle": ("image/webp", lambda: picture("WEBP", (400, 300))[:3000]),
    "webp: says it has 16,383 by 16,383": ("image/webp", lambda: webp_of(16_383, 16_383)),
    "webp: nothing but its first bytes": ("image/webp", lambda: b"RIFF\xff\xff\xff\xffWEBPVP8 "),
    "bmp: the largest sides there are": ("image/bmp", lambda: bmp(2**31 - 1, 2**31 - 1)),
    "bmp: less than nothing": ("image/bmp", lambda: bmp(-60, -40, pixels=bytes(9000))),
    "bmp: runs that are too long": ("image/bmp", lambda: bmp(60, 40, 1, b"\xff\x01" * 9000)),
    "bmp: cut off in the middle": ("image/bmp", lambda: picture("BMP", (100, 100))[:9000]),
    "tiff: a directory that follows itself": ("image/tiff", lambda: tiff([(256, 4, 1, 9)], following=8)),
    "tiff: 4 billion values of a tag": ("image/tiff", lambda: tiff([(256, 4, 2**32 - 1, 8), (257, 4, 1, 9)])),
    "tiff: says it has 100,000 by 100,000": ("image/tiff", lambda: tiff_of(100_000, 100_000, 8, 100)),
    "tiff: pixels behind its end": ("image/tiff", lambda: tiff_of(600, 400, 2**31, 240_000)),
    "tiff: pixels that are a bomb": (
        "image/tiff",
        lambda: tiff_of(7_000, 7_000, TIFF_HEAD, 300_000, 8, zeros(64_000 * KIB)),
    ),
    "tiff: cut off in the middle": ("image/tiff", lambda: picture("TIFF", (100, 100))[:9000]),
    "tiff: 300 pages": ("image/tiff", lambda: pages("TIFF")),
    "pdf: nothing but its first bytes": ("application/pdf", lambda: b"%PDF-1.7\n"),
    "pdf: no pages": (
        "application/pdf",
        lambda: pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"),
    ),
    "pdf: pages that hold themselves": (
        "application/pdf",
        lambda: pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 1/Parent 2 0 R>>"),
    ),
    "pdf: a billion pages, it says": (
        "application/pdf",
        lambda: pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1000000000>>", b"<<>>"),
    ),
    "pdf: a page of a thousand kilometres": ("application/pdf", lambda: page(stream(b"0 0 9 9 re f"), b"0 0 3e9 3e9")),
    "pdf: a page as thin as a hair": ("application/pdf", lambda: page(stream(b"0 0 9 9 re f"), b"0 0 14400 0.001")),
    "pdf: a page of less than nothing": ("application/pdf", lambda: page(stream(b"0 0 9 9 re f"), b"9 9 9 9")),
    "pdf: 150 MB of nothing to draw": (
        "application/pdf",
        lambda: page(stream(zeros(150_000 * KIB), b"/Filter/FlateDecode")),
    ),
    "pdf: a picture of 900 million pixels": (
        "application/pdf",
        lambda: page(
            stream(b"200 0 0 100 0 0 cm /I Do"),
            b"0 0 200 100",
            PAGE_OF_IMAGE,
            stream(
                zeros(30_000 * KIB),
                b"/Type/XObject/Subtype/Image/Width 30000/Height 30000/ColorSpace/DeviceGray"
                b"/BitsPerComponent 8/Filter/FlateDecode",
            ),
        ),
    ),
    "pdf: a form that draws itself": (
        "application/pdf",
        lambda: page(
            stream(b"/I Do"),
            b"0 0 200 100",
            PAGE_OF_IMAGE,
            stream(b"/I Do /I Do", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</I 5 0 R>>>>"),
        ),
    ),
    "pdf: 100,000 states one in another": ("application/pdf", lambda: page(stream(b"q " * 100_000))),
    "pdf: curves without end": ("application/pdf", lambda: page(stream(SLOW))),
    "pdf: a script that opens itself": (
        "application/pdf",
        lambda: pdf(
            b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(while(1){})>>>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        ),
    ),
    "pdf: locked by a password": (
        "application/pdf",
        lambda: page(stream(b"f")).replace(
            b"/Root 1 0 R",
            b"/Root 1 0 R/Encrypt<</Filter/Standard/V 1/R 2/P -4/O(" + b"x" * 32 + b")/U(" + b"y" * 32 + b")>>",
        ),
    ),
    "pdf: cut off in the middle": ("application/pdf", lambda: page(stream(b"0 0 9 9 re f " * 500))[:900]),
    "text that says it is a png": ("image/png", lambda: b"hello " * 100),
    "a page that says it is a jpeg": ("image/jpeg", lambda: HTML),
    "a program that says it is a gif": ("image/gif", lambda: b"MZ\x90\0" * 100),
    "a drawing with a script that says it is a png": ("image/png", lambda: SVG),
    "postscript that says it is a tiff": ("image/tiff", lambda: POSTSCRIPT),
    "a gif that says it is a bmp": ("image/bmp", lambda: picture("GIF")),
    "a picture that is also an archive": ("image/gif", lambda: picture("GIF") + archive()),
    "a picture that is also a page": ("image/png", lambda: png(60, 40) + HTML),
    "a picture that is also a program": ("image/jpeg", lambda: jpeg_with(0xFE, b"<?php system($_GET['c']); ?>")),
    "a picture that is also a document": ("image/jpeg", lambda: jpeg_with(0xFE, page(stream(b"0 0 9 9 re f")))),
    "a document with an archive behind it": ("application/pdf", lambda: page(stream(b"0 0 9 9 re f")) + archive()),
    "noise that says it is a webp": ("image/webp", lambda: b"RIFF" + bytes(range(4)) + b"WEBP" + bytes(range(256)) * 9),
}
DRAWN: Final = frozenset(
    {
        "png: 20,000 chunks nobody knows",
        "png: a palette is missing",
        "jpeg: EXIF that points at itself",
        "jpeg: EXIF that is garbage",
        "jpeg: a colour profile that is garbage",
        "jpeg: 50 long comments",
        "gif: a thousand frames",
        "tiff: 300 pages",
        "pdf: a billion pages, it says",
        "pdf: a page of a thousand kilometres",
        "pdf: a page as thin as a hair",
        "pdf: a page of less than nothing",
        "pdf: 150 MB of nothing to draw",
        "pdf: a picture of 900 million pixels",
        "pdf: 100,000 states one in another",
        "pdf: curves without end",
        "pdf: a script that opens itself",
        "a picture that is also an archive",
        "a picture that is also a page",
        "a picture that is also a program",
        "a picture that is also a document",
        "a document with an archive behind it",
    }
)
# The one that takes all the time there is, and is stopped.
ENDLESS: Final = "pdf: a form that draws itself"
