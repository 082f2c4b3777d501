"""Kinds of files: which may be uploaded, which a browser may open in place, and what their first bytes look like.

Pure functions on a table of ours: the twenty signatures that are asked for, and nothing that guesses.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

RASTER_IMAGES: Final = frozenset(f"image/{kind}" for kind in ("jpeg", "png", "gif", "webp", "bmp", "tiff"))
PDF: Final = "application/pdf"
_OOXML: Final = "application/vnd.openxmlformats-officedocument."
_ODF: Final = "application/vnd.oasis.opendocument."
_MEDIA: Final = frozenset(
    {f"audio/{kind}" for kind in ("mpeg", "wav", "ogg", "mp4")}
    | {f"video/{kind}" for kind in ("mp4", "webm", "ogg", "quicktime")}
)
ALLOWED: Final = (
    RASTER_IMAGES
    | _MEDIA
    | {"", "image/svg+xml", PDF, "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"}
    | {
        f"{_OOXML}{kind}"
        for kind in ("wordprocessingml.document", "spreadsheetml.sheet", "presentationml.presentation")
    }
    | {f"{_ODF}{kind}" for kind in ("text", "spreadsheet", "presentation")}
    | {f"text/{kind}" for kind in ("plain", "csv", "markdown", "html", "xml")}
    | {f"application/{kind}" for kind in ("rtf", "json", "zip", "x-rar-compressed", "vnd.rar", "x-7z-compressed")}
    | {"application/gzip", "application/x-tar"}
)
THUMBNAILED: Final = RASTER_IMAGES | {PDF}
# What a browser shows by itself and cannot run.
_INLINE: Final = RASTER_IMAGES | _MEDIA | {PDF}
# What a browser would run in the storage's name, if it ever opened it. SVG stays what it is: <img> shows it, and does
# not run it.
_SERVED_AS: Final = {"": "application/octet-stream", "text/html": "text/plain", "text/xml": "text/plain"}

_EXTENSION: Final = re.compile(r"[a-z0-9]{1,16}")
# Controls, and the marks that turn the direction of writing: `gpj.exe` shown as `exe.jpg`.
_UNSHOWN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE: Final = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)
_RAR: Final = (b"Rar!\x1a\x07",)
_RTF: Final = (b"{\\rtf",)
# An office document that is protected by a password is an OLE file around the rest.
_STARTS: Final[dict[str, tuple[bytes, ...]]] = {
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/bmp": (b"BM",),
    "image/tiff": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
    "application/msword": _OLE + _RTF + _ZIP,
    "application/vnd.ms-powerpoint": _OLE + _ZIP,
    "application/rtf": _RTF,
    "application/zip": _ZIP,
    "application/x-rar-compressed": _RAR,
    "application/vnd.rar": _RAR,
    "application/x-7z-compressed": (b"7z\xbc\xaf\x27\x1c",),
    "application/gzip": (b"\x1f\x8b",),
    **dict.fromkeys((kind for kind in ALLOWED if kind.startswith((_OOXML, _ODF))), _ZIP + _OLE),
}


def first_bytes_agree(content_type: str, first: bytes) -> bool:
    """Tell whether a file that begins like this can be of the type; types without a beginning of their own always can.

    first: at least 1,024 bytes, or the whole file.
    """
    check = _CHECKS.get(content_type)
    if check is not None:
        return check(first)
    starts = _STARTS.get(content_type)
    return starts is None or first.startswith(starts)


def _is_tar(first: bytes) -> bool:
    """The header's checksum: tar of 1979 has no other mark."""
    header = first[:512]
    digits = header[148:156].strip(b" \0")
    if len(header) < 512 or not digits or any(digit not in b"01234567" for digit in digits):
        return False
    return sum(header) - sum(header[148:156]) + 8 * ord(" ") == int(digits, 8)


def _is_sheet(first: bytes) -> bool:
    """Windows calls a comma-separated text an Excel file, and so do many programs that export one."""
    return first.startswith(_OLE + _ZIP) or (b"\0" not in first and not first.startswith((b"MZ", b"\x7fELF")))


_CHECKS: Final[dict[str, Callable[[bytes], bool]]] = {
    "image/webp": lambda first: first[:4] == b"RIFF" and first[8:12] == b"WEBP",
    PDF: lambda first: b"%PDF-" in first[:1024],
    "application/x-tar": _is_tar,
    "application/vnd.ms-excel": _is_sheet,
}


def extension_of(filename: str) -> str:
    """Return the letters and digits after the last dot of a name, in lower case; `bin` for anything else."""
    _, dot, extension = filename.rpartition(".")
    extension = extension.lower()
    return extension if dot and _EXTENSION.fullmatch(extension) else "bin"


def served_type(content_type: str) -> str:
    """Return the type under which a file is handed out."""
    return _SERVED_AS.get(content_type, content_type)


def disposition_of(content_type: str, filename: str) -> str:
    """Return the Content-Disposition of a file: opened in place only if nothing in it can run; always with its name."""
    shown = "".join(char for char in filename if unicodedata.category(char) not in _UNSHOWN)
    name = shown.replace("/", "_").replace("\\", "_") or "file"
    plain = "".join(char if " " <= char < "\x7f" and char not in '"%' else "_" for char in name)
    kind = "inline" if content_type in _INLINE else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
