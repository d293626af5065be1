#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A notification server (Desktop Notifications Specification 1.2) that can be told to misbehave.

    server.py FOLDER

FOLDER/server.mode    how it behaves, read at each call: ok (also without the file), hang, error, forget
FOLDER/server.caps    what it can do, one a line; without the file: actions body body-markup
FOLDER/server.log     each notification that it took, and each CloseNotification, as a JSON object a line; appended
FOLDER/server.waiting the methods of the calls that hang; appended
FOLDER/server.do      a FIFO: "action ID NAME" and "close ID REASON" make it send these signals
FOLDER/server.ready   is there once it has its name on the bus
"""
import json
import os
import sys

from gi.repository import Gio, GLib

INTERFACE = """<node><interface name="org.freedesktop.Notifications">
<method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
<arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/><arg type="a{sv}" direction="in"/>
<arg type="i" direction="in"/><arg type="u" direction="out"/></method>
<method name="CloseNotification"><arg type="u" direction="in"/></method>
<method name="GetCapabilities"><arg type="as" direction="out"/></method>
<method name="GetServerInformation"><arg type="s" direction="out"/><arg type="s" direction="out"/>
<arg type="s" direction="out"/><arg type="s" direction="out"/></method>
<signal name="NotificationClosed"><arg type="u"/><arg type="u"/></signal>
<signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
</interface></node>"""

folder = sys.argv[1]
last_id = 0
waiting = []  # calls that came while it hung; it answers them when it is itself again


def text(name, otherwise):
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return otherwise


def log(entry):
    with open(os.path.join(folder, "server.log"), "a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")


def notify(app, replaces, icon, summary, body, actions, hints, timeout):
    global last_id
    known = replaces and text("server.mode", "ok") != "forget"
    if not known:
        last_id += 1
    own = replaces if known else last_id
    log({"id": own, "replaces": replaces, "app": app, "icon": icon, "summary": summary, "body": body, "actions": actions,
         "hints": hints, "timeout": timeout})
    return GLib.Variant("(u)", (own,))


def answer(method, parameters, invocation):
    if method == "GetServerInformation":
        invocation.return_value(GLib.Variant("(ssss)", ("stub", "tests", "1", "1.2")))
    elif method == "GetCapabilities":
        words = text("server.caps", "actions body body-markup").split()
        invocation.return_value(GLib.Variant("(as)", (words,)))
    elif method == "CloseNotification":
        log({"closed": parameters.unpack()[0]})
        invocation.return_value(None)
        signal("NotificationClosed", GLib.Variant("(uu)", (parameters.unpack()[0], 3)))
    elif text("server.mode", "ok") == "error":
        invocation.return_dbus_error("org.tests.Refused", "the stub refuses")
    else:
        invocation.return_value(notify(*parameters.unpack()))


def handle(_connection, _sender, _path, _interface, method, parameters, invocation):
    if text("server.mode", "ok") == "hang":
        waiting.append((method, parameters, invocation))
        with open(os.path.join(folder, "server.waiting"), "a", encoding="utf-8") as file:
            file.write(method + "\n")
    else:
        answer(method, parameters, invocation)


def come_back():
    if waiting and text("server.mode", "ok") != "hang":
        while waiting:
            answer(*waiting.pop(0))
    return True


def signal(name, parameters):
    connection.emit_signal(None, "/org/freedesktop/Notifications", "org.freedesktop.Notifications", name, parameters)


def obey(descriptor, _condition):
    for line in os.read(descriptor, 4096).decode().splitlines():
        words = line.split()
        if words[0] == "action":
            signal("ActionInvoked", GLib.Variant("(us)", (int(words[1]), words[2])))
        else:
            signal("NotificationClosed", GLib.Variant("(uu)", (int(words[1]), int(words[2]))))
    return True


fifo = os.path.join(folder, "server.do")
if not os.path.exists(fifo):
    os.mkfifo(fifo)
GLib.unix_fd_add_full(GLib.PRIORITY_DEFAULT, os.open(fifo, os.O_RDWR | os.O_NONBLOCK), GLib.IO_IN, obey)
GLib.timeout_add(20, come_back)
connection = Gio.bus_get_sync(Gio.BusType.SESSION)
connection.register_object("/org/freedesktop/Notifications", Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0], handle, None, None)
Gio.bus_own_name_on_connection(connection, "org.freedesktop.Notifications", Gio.BusNameOwnerFlags.NONE,
                               lambda *_: open(os.path.join(folder, "server.ready"), "w").close(), None)
GLib.MainLoop().run()
