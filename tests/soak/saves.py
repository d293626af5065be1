# SPDX-License-Identifier: GPL-2.0-or-later
"""The ways in which editors, tools and agents put bytes into a file. Each is save(rng, path, bytes); the file is whole when it
returns. What an exchange, a hard link or the like needs beside it has a name that is no plan's."""
import ctypes
import os
import subprocess
import time

AT_FDCWD, RENAME_EXCHANGE = -100, 2
libc = ctypes.CDLL(None, use_errno=True)


def exchange(a, b):
    if libc.renameat2(AT_FDCWD, os.fsencode(a), AT_FDCWD, os.fsencode(b), RENAME_EXCHANGE) < 0:
        raise OSError(ctypes.get_errno(), "renameat2", a)


def put(path, data, mode="wb"):
    with open(path, mode, buffering=0) as file:
        file.write(data)


def beside(path, name):
    return os.path.join(os.path.dirname(path), name)


def pause(rng):
    """Mostly none: a moment in which the daemon may look at what is half done."""
    if rng.random() < 0.3:
        time.sleep(rng.random() * 0.02)


def in_place(rng, path, data):
    with open(path, "wb", buffering=0) as file:
        pause(rng)
        file.write(data)


def in_halves(rng, path, data):
    cut = rng.randrange(len(data))
    with open(path, "wb", buffering=0) as file:
        file.write(data[:cut])
        pause(rng)
        file.write(data[cut:])


def closed_between(rng, path, data):
    cut = rng.randrange(len(data))
    put(path, data[:cut])
    pause(rng)
    put(path, data[cut:], "ab")


def temporary(rng, path, data):
    new = path + rng.choice([".tmp", ".new", "~"])
    put(new, data)
    pause(rng)
    os.rename(new, path)


def temporary_plan(rng, path, data):
    """The temporary file has a plan's name, too, and for a moment is one."""
    new = beside(path, "tmp-" + os.path.basename(path))
    put(new, data)
    pause(rng)
    os.rename(new, path)


def sed(rng, path, data):
    """GNU sed -i: puts the new text in place of every line."""
    if not os.path.exists(path) or os.path.getsize(path) == 0:
        return in_place(rng, path, data)
    new = path + ".sed"
    put(new, data)
    subprocess.run(["sed", "-i", "-e", f"1r {new}", "-e", "d", path], check=True)
    return os.unlink(new)


def backup(rng, path, data):
    """vim with backupcopy=no: the old file is renamed away, a new one made, the backup deleted."""
    if os.path.exists(path):
        os.rename(path, path + "~")
    pause(rng)
    put(path, data)
    if os.path.exists(path + "~"):
        os.unlink(path + "~")


def linked(rng, path, data):
    """A file that appears by link(2) makes no event but IN_CREATE."""
    new = path + ".tmp"
    put(new, data)
    if os.path.exists(path):
        os.unlink(path)
    pause(rng)
    os.link(new, path)
    os.unlink(new)


def unnamed(rng, path, data):
    """O_TMPFILE and linkat(2)."""
    fd = os.open(os.path.dirname(path), os.O_TMPFILE | os.O_WRONLY)
    try:
        os.write(fd, data)
        if os.path.exists(path):
            os.unlink(path)
        pause(rng)
        # With a folder's descriptor Python calls linkat(2), which alone follows the link.
        os.link(f"/proc/self/fd/{fd}", path, src_dir_fd=fd, follow_symlinks=True)
    finally:
        os.close(fd)


def recreated(rng, path, data):
    if os.path.exists(path):
        os.unlink(path)
    pause(rng)
    put(path, data)


def exchanged(rng, path, data):
    if not os.path.exists(path):
        return put(path, data)
    new = path + ".swap"
    put(new, data)
    pause(rng)
    exchange(new, path)
    return os.unlink(new)


def appended(rng, path, data):
    """What is added at the end is appended; anything else cannot be."""
    old = open(path, "rb").read() if os.path.exists(path) else b""
    if not data.startswith(old) or data == old:
        return in_place(rng, path, data)
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for at in range(len(old), len(data), 400):
        os.write(fd, data[at:at + 400])
    return os.close(fd)


KINDS = [in_place, in_place, in_halves, closed_between, temporary, temporary, temporary_plan, sed, backup, linked, unnamed,
         recreated, exchanged, appended]


class Held:
    """A writer that keeps its file open: IN_MODIFY, and nothing else."""

    def __init__(self, path):
        self.path, self.fd = path, os.open(path, os.O_RDWR | os.O_CREAT, 0o644)

    def save(self, rng, data):
        os.pwrite(self.fd, data, 0)
        pause(rng)
        os.ftruncate(self.fd, len(data))

    def close(self):
        os.close(self.fd)
