"""F16, F56, F60: which files there may be, how they begin, and under which headers they are handed out."""

import io
import tarfile

import pytest

from mtchat.core.file_types import ALLOWED, disposition_of, extension_of, first_bytes_agree, served_type

ZIP, OLE = b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PROGRAM = b"MZ\x90\0" * 300


def tar() -> bytes:
    """A real archive."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a"), io.BytesIO())
    return target.getvalue()


# Type -> beginnings that files of it have.
BEGINNINGS = {
    "image/jpeg": [b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xdb"],
    "image/png": [b"\x89PNG\r\n\x1a\n"],
    "image/gif": [b"GIF87a", b"GIF89a"],
    "image/webp": [b"RIFF\0\0\0\0WEBPVP8 "],
    "image/bmp": [b"BM"],
    "image/tiff": [b"II*\0", b"MM\0*", b"II+\0"],
    "application/pdf": [b"%PDF-1.4", b"\n\n%PDF-1.7", b"x" * 1000 + b"%PDF-1.4"],
    "application/msword": [OLE, b"{\\rtf1", ZIP],
    "application/vnd.ms-excel": [OLE, ZIP, b"a;b;c\r\n1;2;3\r\n", b"<table>"],
    "application/vnd.ms-powerpoint": [OLE],
    WORD: [ZIP, OLE],
    "application/vnd.oasis.opendocument.text": [ZIP],
    "application/rtf": [b"{\\rtf1"],
    "application/zip": [ZIP, b"PK\x05\x06"],
    "application/x-rar-compressed": [b"Rar!\x1a\x07\0", b"Rar!\x1a\x07\x01\0"],
    "application/vnd.rar": [b"Rar!\x1a\x07\0"],
    "application/x-7z-compressed": [b"7z\xbc\xaf\x27\x1c"],
    "application/gzip": [b"\x1f\x8b\x08"],
    "application/x-tar": [tar()],
}


@pytest.mark.parametrize("content_type", BEGINNINGS)
def test_a_file_begins_as_its_type_does(content_type: str) -> None:
    for beginning in BEGINNINGS[content_type]:
        assert first_bytes_agree(content_type, beginning)
    for other in (PROGRAM, b"", b"\x7fELF\x02\x01\x01\0" * 100):
        assert not first_bytes_agree(content_type, other) or (content_type, other) == ("application/vnd.ms-excel", b"")


@pytest.mark.parametrize("content_type", sorted(ALLOWED - BEGINNINGS.keys()))
def test_types_without_a_beginning_and_of_a_known_family_take_their_own(content_type: str) -> None:
    office = content_type.startswith(("application/vnd.openxmlformats", "application/vnd.oasis"))
    assert first_bytes_agree(content_type, ZIP if office else b"anything at all")
    assert first_bytes_agree(content_type, b"anything at all") is not office


def test_the_list_is_that_of_the_contract() -> None:
    """8.3: 38 types and the empty one; what Windows says of programs is none of them."""
    assert len(ALLOWED) == 39
    assert "" in ALLOWED
    assert {"application/octet-stream", "application/x-msdownload", "image/heic", "IMAGE/PNG"}.isdisjoint(ALLOWED)


@pytest.mark.parametrize(
    ("filename", "extension"),
    [("a.pdf", "pdf"), ("A.PDF", "pdf"), ("a.tar.gz", "gz"), ("README", "bin"), ("", "bin"), (".", "bin"),
     ("a.", "bin"), ("x./../../evil", "bin"), ("a.p df", "bin"), ("a." + "x" * 17, "bin"), ("a." + "x" * 16, "x" * 16),
     ("a.пдф", "bin"), ("a.pdf\0", "bin"), ("a.p%2f", "bin"), (".htaccess", "htaccess")],
)  # fmt: skip
def test_an_extension_is_letters_and_digits(filename: str, extension: str) -> None:
    """F60."""
    assert extension_of(filename) == extension


@pytest.mark.parametrize("content_type", sorted(ALLOWED))
def test_only_what_cannot_run_opens_in_place(content_type: str) -> None:
    """F16."""
    harmless = content_type.startswith(("image/", "audio/", "video/")) and content_type != "image/svg+xml"
    kind = disposition_of(content_type, "a.x").partition(";")[0]
    assert kind == ("inline" if harmless or content_type == "application/pdf" else "attachment")
    assert served_type(content_type) not in ("text/html", "text/xml", "")


@pytest.mark.parametrize(
    ("filename", "expected"),
    [("a b.pdf", "filename=\"a b.pdf\"; filename*=UTF-8''a%20b.pdf"),
     ('say "hi".pdf', "filename=\"say _hi_.pdf\"; filename*=UTF-8''say%20%22hi%22.pdf"),
     ("größe.pdf", "filename=\"gr__e.pdf\"; filename*=UTF-8''gr%C3%B6%C3%9Fe.pdf"),
     ("../../etc/passwd", "filename=\".._.._etc_passwd\"; filename*=UTF-8''.._.._etc_passwd"),
     ("a\r\nSet-Cookie: x=1", "filename=\"aSet-Cookie: x=1\"; filename*=UTF-8''aSet-Cookie%3A%20x%3D1"),
     ("photo\u202egnp.exe", "filename=\"photognp.exe\"; filename*=UTF-8''photognp.exe"),
     ("", "filename=\"file\"; filename*=UTF-8''file"),
     ("\u200b\n", "filename=\"file\"; filename*=UTF-8''file")],
)  # fmt: skip
def test_a_name_is_shown_as_it_is_and_breaks_out_of_nothing(filename: str, expected: str) -> None:
    assert disposition_of("application/zip", filename) == f"attachment; {expected}"
    # It travels in a header: one line of Latin-1.
    assert disposition_of("application/zip", filename).isascii()
