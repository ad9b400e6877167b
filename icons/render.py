#!/usr/bin/python3
"""Renders icons/*.svg into the pictures that the bundles and the tray need.

Run after changing a drawing: `/usr/bin/python3 icons/render.py` (needs gir1.2-gtk-3.0, python3-gi and librsvg's pixbuf
loader). The results are committed, so that a build needs none of these.
"""

import struct
from pathlib import Path

import gi

gi.require_version("GdkPixbuf", "2.0")
from gi.repository import GdkPixbuf  # noqa: E402  (the version must be asked for first)

HERE = Path(__file__).resolve().parent
# Apple's type codes for PNG pictures of these sizes.
ICNS_TYPES = {128: b"ic07", 256: b"ic08", 512: b"ic09", 1024: b"ic10"}
ICO_SIZES = (16, 24, 32, 48, 64, 256)


def png(drawing: str, size: int) -> bytes:
    """The drawing as a square PNG."""
    picture = GdkPixbuf.Pixbuf.new_from_file_at_size(str(HERE / drawing), size, size)
    return bytes(picture.save_to_bufferv("png", [], [])[1])


def icns() -> bytes:
    """An Apple icon: a header, then type, length and PNG of each size."""
    entries = b""
    for size, kind in ICNS_TYPES.items():
        data = png("source.svg", size)
        entries += kind + struct.pack(">I", len(data) + 8) + data
    return b"icns" + struct.pack(">I", len(entries) + 8) + entries


def ico() -> bytes:
    """A Windows icon: a folder of entries, then the PNGs that they point at."""
    pictures = [(size, png("source.svg", size)) for size in ICO_SIZES]
    offset = 6 + 16 * len(pictures)
    folder = struct.pack("<HHH", 0, 1, len(pictures))
    for size, data in pictures:
        folder += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(data), offset)
        offset += len(data)
    return folder + b"".join(data for _, data in pictures)


def main() -> None:
    """Writes every picture beside its drawing."""
    for name, size in {"32x32": 32, "128x128": 128, "128x128@2x": 256, "icon": 512}.items():
        (HERE / f"{name}.png").write_bytes(png("source.svg", size))
    (HERE / "tray.png").write_bytes(png("tray-source.svg", 64))
    (HERE / "icon.icns").write_bytes(icns())
    (HERE / "icon.ico").write_bytes(ico())


if __name__ == "__main__":
    main()
