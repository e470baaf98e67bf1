"""What troubles a server. Each is for a few seconds, gets the running cinema, and leaves nothing behind that it does not clear away."""

import random
import socket
import sqlite3
import time
from contextlib import ExitStack, closing

# How long each trouble lasts, in seconds.
WHILE = 4


def connect(cinema):
    return socket.create_connection(("127.0.0.1", cinema.port), timeout=10)


def crowd(cinema, count, sent):
    """So many connections at once, each of which sends this and then nothing."""
    with ExitStack() as held:
        for _ in range(count):
            try:
                held.enter_context(connect(cinema)).sendall(sent)
            except OSError:
                # A server may refuse whom it has no room for.
                time.sleep(0.01)
        time.sleep(WHILE)


def slow_bodies(cinema):
    """More than there are places for, with a byte of a body each."""
    crowd(cinema, 150, b"POST /movies HTTP/1.1\r\nhost: cinema\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{")


def slow_heads(cinema):
    crowd(cinema, 150, b"GET /movies HTTP/1.1\r\nhost: cin")


def idle_connections(cinema):
    crowd(cinema, 600, b"")


def readers_that_do_not_read(cinema):
    """Pages asked for without end, none of which is taken."""
    crowd(cinema, 100, b"GET /movies?limit=100 HTTP/1.1\r\nhost: cinema\r\n\r\n" * 50)


def clients_that_go_away(cinema):
    end = time.monotonic() + WHILE
    while time.monotonic() < end:
        try:
            with connect(cinema) as client:
                client.sendall(b"GET /movies?limit=100 HTTP/1.1\r\nhost: cinema\r\n\r\n")
                time.sleep(random.random() / 100)
        except OSError:
            pass


def nonsense(cinema):
    end = time.monotonic() + WHILE
    while time.monotonic() < end:
        try:
            with connect(cinema) as client:
                client.sendall(random.randbytes(random.randrange(1, 4096)))
        except OSError:
            pass


def full_disk(cinema):
    cinema.bound_files("1024")
    time.sleep(WHILE)
    cinema.bound_files("unlimited")


def lock_held_elsewhere(cinema):
    with closing(sqlite3.connect(cinema.store / "sqlite_db.db", isolation_level=None)) as backup:
        backup.execute("BEGIN IMMEDIATE")
        time.sleep(WHILE)
        backup.execute("ROLLBACK")


def kill(cinema):
    time.sleep(random.random())
    cinema.kill()
    cinema.start()


ALL = (
    slow_bodies,
    slow_heads,
    idle_connections,
    readers_that_do_not_read,
    clients_that_go_away,
    nonsense,
    full_disk,
    lock_held_elsewhere,
)
