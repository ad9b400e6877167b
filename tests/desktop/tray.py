#!/usr/bin/python3
"""Reads and clicks the menu of the one tray icon on the session bus, as a desktop's panel would.

    tray.py list           prints every item as a path, `work/Unmount from demo (/data)`; `(off)` precedes disabled ones
    tray.py click PATH     clicks that item; status 1 when it is not there or disabled

The first `/` of a path parts the submenu from its item. Speaks com.canonical.dbusmenu.
"""

import sys
import time

import dbus

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
PROPERTIES = "org.freedesktop.DBus.Properties"
ROOT = 0
EVERY_LEVEL = -1
# Longer than Cairn waits for further events before it makes its menu anew.
SETTLED_SECONDS = 0.5


class NoIcon(Exception):
    """No program has an icon in the tray."""


def menu_of_the_icon() -> dbus.Interface:
    """The menu object of the first registered item."""
    bus = dbus.SessionBus()
    watcher = bus.get_object(WATCHER, "/StatusNotifierWatcher")
    items = watcher.Get(WATCHER, "RegisteredStatusNotifierItems", dbus_interface=PROPERTIES)
    if not items:
        raise NoIcon
    name, path = str(items[0]).split("/", 1)
    item = bus.get_object(name, "/" + path)
    menu = item.Get(ITEM, "Menu", dbus_interface=PROPERTIES)
    return dbus.Interface(bus.get_object(name, menu), MENU)


def label_of(properties) -> str:
    """A label without its mnemonic: `_x` underlines x, `__` is one underscore."""
    parts = str(properties.get("label", "")).split("__")
    return "_".join(part.replace("_", "") for part in parts)


def items_below(node, prefix: str = ""):
    """Every item with its path and whether it can be clicked, in the menu's order."""
    for number, properties, children in node[2]:
        if properties.get("type", "standard") == "separator" or not properties.get("visible", True):
            continue
        path = prefix + label_of(properties)
        yield int(number), path, bool(properties.get("enabled", True))
        yield from items_below((number, properties, children), path + "/")


def settled_layout(menu):
    """The whole menu, once it stays as it is: a click on an item of a menu that is being replaced reaches nobody."""
    before = None
    while True:
        menu.AboutToShow(ROOT)
        _revision, root = menu.GetLayout(ROOT, EVERY_LEVEL, dbus.Array([], signature="s"))
        if root == before:
            return root
        before = root
        time.sleep(SETTLED_SECONDS)


def main() -> int:
    """Does what the arguments say."""
    try:
        menu = menu_of_the_icon()
    except NoIcon:
        print("tray: no icon", file=sys.stderr)
        return 1
    root = settled_layout(menu)
    match sys.argv[1:]:
        case ["list"]:
            for _number, path, enabled in items_below(root):
                print(path if enabled else f"(off) {path}")
            return 0
        case ["click", wanted]:
            for number, path, enabled in items_below(root):
                if path == wanted and enabled:
                    menu.Event(number, "clicked", dbus.String("", variant_level=1), dbus.UInt32(int(time.time())))
                    return 0
            print(f"tray: no item '{wanted}'", file=sys.stderr)
            return 1
        case _:
            print(__doc__, file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main())
