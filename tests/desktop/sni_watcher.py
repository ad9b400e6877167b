#!/usr/bin/python3
"""The tray of a test desktop: a StatusNotifierWatcher on the session bus that claims to have a host. It takes notifications, too,
and writes what they say into the file `notified` in the folder for sockets, a line each.

Prints `ready` once programs can register their icons with it. Specification: freedesktop.org StatusNotifierItem.
"""

import os
from pathlib import Path

import dbus
import dbus.service
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib

NAME = "org.kde.StatusNotifierWatcher"
PATH = "/StatusNotifierWatcher"
DEFAULT_ITEM_PATH = "/StatusNotifierItem"
PROPERTIES = "org.freedesktop.DBus.Properties"
NOTIFICATIONS = "org.freedesktop.Notifications"
NOTIFICATIONS_PATH = "/org/freedesktop/Notifications"


class Watcher(dbus.service.Object):
    """Remembers who registered an icon, as `bus name` + `object path`."""

    def __init__(self, bus: dbus.Bus) -> None:
        super().__init__(bus, PATH)
        self.items: list[str] = []
        bus.add_signal_receiver(self.owner_changed, "NameOwnerChanged", dbus.BUS_DAEMON_IFACE)

    @dbus.service.method(NAME, in_signature="s", sender_keyword="sender")
    def RegisterStatusNotifierItem(self, service: str, sender: str = "") -> None:
        """An item registers by its object path (then its bus name is the sender's) or by its bus name."""
        item = sender + service if service.startswith("/") else service + DEFAULT_ITEM_PATH
        if item not in self.items:
            self.items.append(item)
            self.StatusNotifierItemRegistered(item)

    @dbus.service.method(NAME, in_signature="s")
    def RegisterStatusNotifierHost(self, _service: str) -> None:
        """There is a host already: the test."""

    @dbus.service.signal(NAME, signature="s")
    def StatusNotifierItemRegistered(self, item: str) -> None:
        """Sent for every new item."""

    @dbus.service.signal(NAME, signature="s")
    def StatusNotifierItemUnregistered(self, item: str) -> None:
        """Sent when an item's program has gone."""

    @dbus.service.method(PROPERTIES, in_signature="ss", out_signature="v")
    def Get(self, interface: str, name: str):
        """One property."""
        return self.GetAll(interface)[name]

    @dbus.service.method(PROPERTIES, in_signature="s", out_signature="a{sv}")
    def GetAll(self, _interface: str):
        """All properties."""
        return {
            "RegisteredStatusNotifierItems": dbus.Array(self.items, signature="s"),
            "IsStatusNotifierHostRegistered": dbus.Boolean(True),
            "ProtocolVersion": dbus.Int32(0),
        }

    def owner_changed(self, name: str, _old: str, new: str) -> None:
        """Forgets the items of a program that has left the bus."""
        for item in [item for item in self.items if not new and item.startswith(name + "/")]:
            self.items.remove(item)
            self.StatusNotifierItemUnregistered(item)


class Notifications(dbus.service.Object):
    """Writes down what is to be shown."""

    def __init__(self, bus: dbus.Bus) -> None:
        super().__init__(bus, NOTIFICATIONS_PATH)
        self.notified = Path(os.environ["XDG_RUNTIME_DIR"]) / "notified"
        self.count = 0

    @dbus.service.method(NOTIFICATIONS, in_signature="susssasa{sv}i", out_signature="u")
    def Notify(self, _app, _replaces, _icon, summary, _body, _actions, _hints, _expires) -> int:
        """Something that a person is to read."""
        with self.notified.open("a", encoding="utf-8") as lines:
            lines.write(f"{summary}\n")
        self.count += 1
        return self.count


def main() -> None:
    """Serves until the session bus ends."""
    DBusGMainLoop(set_as_default=True)
    bus = dbus.SessionBus()
    names = [dbus.service.BusName(name, bus) for name in (NAME, NOTIFICATIONS)]
    served = [Watcher(bus), Notifications(bus)]
    print("ready", flush=True)
    GLib.MainLoop().run()
    del served, names


if __name__ == "__main__":
    main()
