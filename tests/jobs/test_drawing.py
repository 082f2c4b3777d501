"""F57, P4: thumbnails are right, and whatever a file does to the process that draws, others do not notice."""

import asyncio
import io
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms, features

from mtchat.jobs import drawing, drawing_child
from mtchat.jobs.drawing import DRAWING_SECS, Draughtsman, Drawing
from tests.support.files import png
from tests.support.hostile import DRAWN, ENDLESS, FILES, page, picture, png_of, stream, zeros

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
KINDS = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp", "BMP": "image/bmp",
         "TIFF": "image/tiff"}  # fmt: skip
PICTURE = png(60, 40)


class Studio:
    """A draughtsman with a loop of its own, who draws what is given as bytes."""

    def __init__(self, folder: Path, drawing_secs: float) -> None:
        self._runner = asyncio.Runner()
        self._folder = folder
        self.draughtsman = Draughtsman(drawing_secs)

    def draw(self, body: bytes, content_type: str) -> tuple[Drawing, Image.Image | None]:
        """Return what became of a file, and its thumbnail."""
        source, target = self._folder / "source", self._folder / "target"
        target.unlink(missing_ok=True)
        source.write_bytes(body)
        drawn = self._runner.run(self.draughtsman.draw(source, target, content_type))
        if drawn.thumbnail_type is None:
            return drawn, None
        with Image.open(target) as image:
            assert image.format is not None
            assert drawn.thumbnail_type == f"image/{image.format.lower()}"
            return drawn, image.copy()

    def works(self) -> bool:
        """Whether a harmless picture is drawn."""
        return self.draw(PICTURE, "image/png")[0] == Drawing(60, 40, "image/webp")

    @property
    def pid(self) -> int | None:
        """The child, while there is one."""
        process = self.draughtsman._process
        return process.pid if process is not None and process.returncode is None else None

    def close(self) -> None:
        self._runner.run(self.draughtsman.close())
        self._runner.close()


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """One for all tests: what a file does to it the next ones would see."""
    made = Studio(tmp_path_factory.mktemp("studio"), drawing_secs=DRAWING_SECS)
    yield made
    made.close()


def halves(size: tuple[int, int] = (80, 40)) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, size[0], size[1]))
    return image


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    """A picture as a file."""
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def is_like(image: Image.Image, place: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    """Whether a pixel has about this colour: thumbnails lose a little."""
    found: Any = image.convert("RGB").getpixel(place)
    return all(abs(one - other) < 40 for one, other in zip(found, colour, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_of_each_kind_becomes_a_small_one(studio: Studio, kind: str) -> None:
    drawn, thumbnail = studio.draw(saved(halves((1600, 800)), kind), KINDS[kind])
    assert drawn == Drawing(1600, 800, "image/webp")
    assert thumbnail is not None
    assert thumbnail.size == (640, 320)
    assert is_like(thumbnail, (100, 100), RED)
    assert is_like(thumbnail, (500, 100), BLUE)


def test_a_small_picture_is_not_made_larger(studio: Studio) -> None:
    _, thumbnail = studio.draw(PICTURE, "image/png")
    assert thumbnail is not None
    assert thumbnail.size == (60, 40)


# Orientation of EXIF -> where red and blue are seen: left, right, top or bottom.
SEEN = {1: ("left", "right"), 2: ("right", "left"), 3: ("right", "left"), 4: ("left", "right"),
        5: ("top", "bottom"), 6: ("top", "bottom"), 7: ("bottom", "top"), 8: ("bottom", "top")}  # fmt: skip
PLACES = {"left": (10, 20), "right": (70, 20), "top": (20, 10), "bottom": (20, 70)}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", SEEN)
def test_a_picture_is_turned_as_the_camera_was_held(studio: Studio, orientation: int, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    drawn, thumbnail = studio.draw(saved(halves(), kind, exif=exif), KINDS[kind])
    expected = (40, 80) if orientation > 4 else (80, 40)
    assert (drawn.width, drawn.height) == expected
    assert thumbnail is not None
    assert thumbnail.size == expected
    red, blue = SEEN[orientation]
    assert is_like(thumbnail, PLACES[red], RED)
    assert is_like(thumbnail, PLACES[blue], BLUE)
    # A viewer must not turn it once more.
    assert thumbnail.getexif().get(0x0112, 1) == 1


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_shown(studio: Studio, kind: str) -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in (GREEN, RED, BLUE)]
    body = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
    _, thumbnail = studio.draw(body, KINDS[kind])
    assert thumbnail is not None
    assert getattr(thumbnail, "n_frames", 1) == 1
    assert is_like(thumbnail, (20, 20), GREEN)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", "RGBA"), ("PNG", "LA"), ("PNG", "P"), ("GIF", "RGBA"), ("WEBP", "RGBA"), ("TIFF", "RGBA")],
)
def test_what_is_transparent_stays_so(studio: Studio, kind: str, mode: str) -> None:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    image.paste((255, 255, 255, 255), (0, 0, 20, 40))
    _, thumbnail = studio.draw(saved(image.convert(mode), kind), KINDS[kind])
    assert thumbnail is not None
    alpha = thumbnail.convert("RGBA").getchannel("A")
    assert (alpha.getpixel((5, 20)), alpha.getpixel((35, 20))) == (255, 0)


# Mode -> a bright colour and a dark one.
UNUSUAL: dict[str, tuple[Any, Any]] = {
    "1": (1, 0), "L": (230, 20), "I;16": (60_000, 300), "CMYK": ((0, 0, 0, 10), (0, 0, 0, 240)),
    "YCbCr": ((230, 128, 128), (20, 128, 128)),
}  # fmt: skip


@pytest.mark.parametrize("mode", UNUSUAL)
def test_pictures_of_unusual_colours_are_seen(studio: Studio, mode: str) -> None:
    kind = "JPEG" if mode in ("CMYK", "YCbCr") else "PNG"
    image = Image.new(mode, (80, 40), UNUSUAL[mode][0])
    image.paste(UNUSUAL[mode][1], (40, 0, 80, 40))
    drawn, thumbnail = studio.draw(saved(image, kind), KINDS[kind])
    assert (drawn.width, drawn.height) == (80, 40)
    assert thumbnail is not None
    seen: list[Any] = [thumbnail.convert("L").getpixel((place, 20)) for place in (10, 70)]
    assert seen[0] > seen[1] + 150


def test_colours_of_another_profile_become_those_of_screens(studio: Studio) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    drawn, _ = studio.draw(saved(halves(), "JPEG", icc_profile=profile), "image/jpeg")
    # One that does not fit a picture is left aside.
    assert drawn == Drawing(80, 40, "image/webp")
    same = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    _, thumbnail = studio.draw(saved(halves(), "JPEG", icc_profile=same), "image/jpeg")
    assert thumbnail is not None
    assert is_like(thumbnail, (10, 20), RED)


def test_the_first_page_of_a_document_is_drawn_on_white(studio: Studio) -> None:
    drawn, thumbnail = studio.draw(page(stream(b"1 0 0 rg 0 0 100 100 re f"), b"0 0 200 100"), "application/pdf")
    assert drawn == Drawing(200, 100, "image/webp")
    assert thumbnail is not None
    assert thumbnail.size == (640, 320)
    assert is_like(thumbnail, (100, 160), RED)
    assert is_like(thumbnail, (500, 160), WHITE)


def test_a_page_that_is_turned_is_drawn_turned(studio: Studio) -> None:
    body = page(stream(b"1 0 0 rg 0 0 100 100 re f")).replace(b"/Contents", b"/Rotate 90/Contents")
    drawn, thumbnail = studio.draw(body, "application/pdf")
    assert (drawn.width, drawn.height) == (100, 200)
    assert thumbnail is not None
    assert is_like(thumbnail, (160, 100), RED)


def test_where_webp_is_missing_a_jpeg_on_white_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "check", lambda name: False)
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 20, 40))
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(saved(image, "PNG"))
    drawn = drawing_child.draw(str(source), str(target), "image/png")
    assert drawn == {"width": 40, "height": 40, "thumbnail": "image/jpeg"}
    with Image.open(target) as thumbnail:
        assert thumbnail.format == "JPEG"
        assert is_like(thumbnail, (5, 20), RED)
        assert is_like(thumbnail, (35, 20), WHITE)


@pytest.mark.parametrize("name", [name for name in FILES if name != ENDLESS])
def test_a_hostile_file_is_drawn_or_refused_and_the_next_one_is_drawn(studio: Studio, name: str) -> None:
    """P4: more than fifty of them, each within bounds of memory."""
    content_type, make = FILES[name]
    drawn, _ = studio.draw(make(), content_type)
    assert (drawn.thumbnail_type is not None) == (name in DRAWN)
    assert (drawn.width is None) == (drawn.thumbnail_type is None)
    if studio.pid is not None:
        status = Path(f"/proc/{studio.pid}/status").read_text()
        peak_kib = int(status.partition("VmHWM:")[2].split()[0])
        assert peak_kib * 1024 < drawing_child.MEMORY_BYTES
    assert studio.works()


@pytest.mark.slow
def test_what_takes_for_ever_is_ended(tmp_path: Path) -> None:
    studio = Studio(tmp_path, drawing_secs=5.0)
    try:
        assert studio.works()
        first = studio.pid
        assert studio.draw(FILES[ENDLESS][1](), "application/pdf")[0] == Drawing(None, None, None)
        assert studio.pid is None
        assert studio.works()
        assert studio.pid != first
    finally:
        studio.close()


def test_a_picture_is_refused_by_what_it_says_before_it_takes_memory(tmp_path: Path) -> None:
    """The one with 400 million pixels would take as many bytes."""
    studio = Studio(tmp_path, drawing_secs=DRAWING_SECS)
    try:
        assert studio.works()
        before = _resident(studio)
        studio.draw(FILES["png: 400 million pixels in 50 kB"][1](), "image/png")
        assert _resident(studio) - before < 20 * 1024 * 1024
    finally:
        studio.close()


def _resident(studio: Studio) -> int:
    """The most memory the child ever had, in bytes."""
    status = Path(f"/proc/{studio.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@pytest.mark.slow
def test_the_largest_picture_that_is_allowed_is_drawn(studio: Studio) -> None:
    body = png_of(8_000, 8_000, zeros(8_000 * 24_001), colour=2)
    assert studio.draw(body, "image/png")[0] == Drawing(8_000, 8_000, "image/webp")


CHILD_OF_LITTLE_MEMORY = f"""
import sys
sys.path.insert(0, {str(Path(drawing_child.__file__).parent)!r})
import drawing_child
drawing_child.Image.init()
drawing_child.MEMORY_BYTES = 160 * 1024 * 1024
drawing_child.limit_self()
drawing_child.serve(sys.stdin, sys.stdout)
"""


def test_a_child_that_runs_out_of_memory_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "child.py"
    script.write_text(CHILD_OF_LITTLE_MEMORY)
    monkeypatch.setattr(drawing, "_CHILD", script)
    studio = Studio(tmp_path, drawing_secs=DRAWING_SECS)
    try:
        assert studio.works()
        body = png_of(8_000, 8_000, zeros(8_000 * 24_001), colour=2)
        assert studio.draw(body, "image/png")[0] == Drawing(None, None, None)
        assert studio.works()
    finally:
        studio.close()


def test_a_child_that_dies_is_replaced(studio: Studio) -> None:
    assert studio.works()
    assert studio.pid is not None
    process = studio.draughtsman._process
    assert process is not None
    process.kill()
    studio.draw(PICTURE, "image/png")
    assert studio.works()


def test_a_child_is_replaced_after_a_hundred_drawings(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "_DRAWINGS_OF_ONE", 3)
    pids = []
    for _ in range(6):
        assert studio.works()
        pids.append(studio.pid)
    assert len(set(pids)) >= 2


def test_the_processor_has_a_limit_for_each_picture() -> None:
    """Beside the parent's clock, which could hang itself."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import drawing_child as child\n"
        "child.CPU_SECS = 1; child.more_time()\nwhile True: pass"
    )
    folder = str(Path(drawing_child.__file__).parent)
    done = subprocess.run([sys.executable, "-c", code, folder], timeout=30, check=False)
    assert done.returncode == -24  # SIGXCPU


def test_a_child_gives_up_what_it_does_not_need(studio: Studio) -> None:
    """It has the limits it says, no environment, and nothing of ours loaded."""
    assert studio.works()
    assert studio.pid is not None
    limits = {which: resource.prlimit(studio.pid, which) for which in (resource.RLIMIT_AS, resource.RLIMIT_FSIZE)}
    assert limits[resource.RLIMIT_AS] == (drawing_child.MEMORY_BYTES,) * 2
    assert limits[resource.RLIMIT_FSIZE] == (drawing_child.OUTPUT_BYTES,) * 2
    assert Path(f"/proc/{studio.pid}/environ").read_bytes() == b"PATH=/usr/bin:/bin\0"
    assert "psycopg" not in Path(f"/proc/{studio.pid}/maps").read_text()


def test_a_picture_as_it_was_sent_is_never_changed(studio: Studio, tmp_path: Path) -> None:
    body = picture("JPEG", (300, 200))
    source = tmp_path / "source"
    source.write_bytes(body)
    studio._runner.run(studio.draughtsman.draw(source, tmp_path / "target", "image/jpeg"))
    assert source.read_bytes() == body
