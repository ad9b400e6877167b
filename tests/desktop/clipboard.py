#!/usr/bin/python3
"""Somebody who has copied something: owns the clipboard until ended.

    clipboard.py files PATH ...   files and folders, as a file manager offers them (text/uri-list, and their names as text)
    clipboard.py text TEXT
    clipboard.py picture PATH   (image/png)

Prints `ready` when it can be pasted from.
"""

import os
import sys
from pathlib import Path

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GLib, Gtk  # noqa: E402  (the versions must be asked for first)

URIS, TEXT, PICTURE = 0, 1, 2


def main() -> None:
    """Takes the clipboard and waits to be ended."""
    what, *given = sys.argv[1:]
    clipboard = Gdk.SELECTION_CLIPBOARD
    owner = Gtk.Invisible()
    if what == "picture":
        Gtk.selection_add_target(owner, clipboard, Gdk.Atom.intern("image/png", False), PICTURE)
    else:
        Gtk.selection_add_target(owner, clipboard, Gdk.Atom.intern("UTF8_STRING", False), TEXT)
    if what == "files":
        Gtk.selection_add_target(owner, clipboard, Gdk.Atom.intern("text/uri-list", False), URIS)
    uris = [GLib.filename_to_uri(os.path.abspath(path), None) for path in given] if what == "files" else []

    def give(_widget, data, info, _time) -> None:
        """Answers whoever pastes."""
        if info == URIS:
            data.set_uris(uris)
        elif info == PICTURE:
            data.set(data.get_target(), 8, Path(given[0]).read_bytes())
        else:
            data.set_text("\n".join(given), -1)

    owner.connect("selection-get", give)
    if not Gtk.selection_owner_set(owner, clipboard, Gdk.CURRENT_TIME):
        sys.exit("clipboard: it could not be taken")
    print("ready", flush=True)
    Gtk.main()


if __name__ == "__main__":
    main()
