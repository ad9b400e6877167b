#!/usr/bin/python3
"""A window to drag files out of, like a file manager's: a real source of XDND drops.

    xdnd_source.py X Y PATH ...   opens at that place of the screen

Prints `ready` when it can be dragged from, `begin` when a drag starts, and `end` or `failed` when it is over. The drag
itself is done by whoever holds the pointer (xdotool). Offers text/uri-list, as every file manager does.
"""

import os
import sys

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GLib, Gtk  # noqa: E402  (the versions must be asked for first)

SIZE = 120


def say(word: str) -> None:
    """Tells whoever started this."""
    print(word, flush=True)


def on_failed(_widget, _context, _result) -> bool:
    """A refused drop; answering False lets GTK tidy up as usual."""
    say("failed")
    return False


def main() -> None:
    """Opens the window and waits to be ended."""
    x, y = int(sys.argv[1]), int(sys.argv[2])
    uris = [GLib.filename_to_uri(os.path.abspath(path), None) for path in sys.argv[3:]]
    handle = Gtk.EventBox()
    handle.add(Gtk.Label(label=f"{len(uris)} items"))
    handle.drag_source_set(
        Gdk.ModifierType.BUTTON1_MASK, [Gtk.TargetEntry.new("text/uri-list", 0, 0)], Gdk.DragAction.COPY
    )
    handle.connect("drag-data-get", lambda _w, _c, data, _i, _t: data.set_uris(uris))
    handle.connect("drag-begin", lambda _w, _c: say("begin"))
    handle.connect("drag-end", lambda _w, _c: say("end"))
    handle.connect("drag-failed", on_failed)
    window = Gtk.Window(title="Files")
    window.set_default_size(SIZE, SIZE)
    window.set_decorated(False)
    window.set_keep_above(True)
    window.add(handle)
    window.connect("destroy", Gtk.main_quit)
    window.connect("map-event", lambda _w, _e: GLib.idle_add(say, "ready"))
    window.move(x, y)
    window.show_all()
    Gtk.main()


if __name__ == "__main__":
    main()
