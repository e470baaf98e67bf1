"""The same requests of a small cinema and of a large one: what is asked for by an index costs as much among many.

The stores are filled by way of the embedded Data API, which is served by itself for that; then the whole application runs on them.
"""

import hashlib
import re
import statistics
import sys
import time
import urllib.error
from base64 import urlsafe_b64encode
from datetime import date, datetime, timedelta, timezone
from itertools import count

import bench_load as load
import bench_servers as servers

# Films and their showtimes, users and attempts, and bookings. Those that a request is about are about as many in both: more films than a
# page, too, since those of fewer are all known to an instance.
SIZES = {"few": (400, 50, 200), "many": (20_000, 50_000, 200_000)}
A_DAY, BATCH = 50, 1000
TODAY = date.today()
# How much longer a request may take among many.
AIM = 1.5


def object_id(kind, number):
    """The id of the so-manieth thing of a kind."""
    return {"$oid": f"65a1f0c2{kind:02x}{number:014x}"}


def moment():
    return {"$date": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")}


def collections(size):
    """The documents of a store, by collection."""
    showtimes, users, bookings = SIZES[size]
    now = moment()
    film = lambda n: object_id(1, n % showtimes)
    name = lambda n: f"guest{n}"
    digest = lambda text: urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
    return {
        "movies": (
            {"_id": film(n), "title": f"Film {n}", "director": f"Director {n % 20}", "rating": n % 100 / 10, "createdon": now}
            for n in range(showtimes)
        ),
        "showtimes": (
            {"_id": object_id(2, n), "date": str(TODAY + timedelta(days=1 + n // A_DAY)), "movies": [film(n)], "createdon": now}
            for n in range(showtimes)
        ),
        "users": (
            {"_id": object_id(3, n), "username": name(n), "firstname": "G", "lastname": "M", "role": "customer", "createdon": now}
            for n in range(users)
        ),
        "usernames": ({"_id": name(n), "userid": object_id(3, n), "at": now} for n in range(users)),
        "attempts": ({"_id": digest(name(n)), "failures": 1, "last": now} for n in range(users)),
        "bookings": (
            {"_id": object_id(4, n), "userid": object_id(3, n % users), "showtimeid": object_id(2, n % showtimes),
             "movies": [film(n)], "seats": 1, "createdon": now}
            for n in range(bookings)
        ),
    }


def fill(options, size):
    """A store of this size, by way of the Data API alone; the folder it is in."""
    state = servers.fresh(size)
    text = servers.manifest().read_text()
    alone = re.search(r"^\[component\.data-api\].*?\n\n|^\[component\.data-api\].*", text, re.M | re.S)[0]
    head = 'spin_manifest_version = 2\n[application]\nname = "store"\n'
    (servers.WORK / "store.toml").write_text(f'{head}[[trigger.http]]\nroute = "/..."\ncomponent = "data-api"\n{alone}')
    port = servers.free_port()
    command = [options.cinema, "up", "--quiet", "--from", servers.WORK / "store.toml", "--listen", f"127.0.0.1:{port}", "--state-dir", state]
    with servers.Server("store", command, port, "/.well-known/spin/health") as server:
        for name, documents in collections(size).items():
            while batch := [document for document, _ in zip(documents, range(BATCH))]:
                insert(server.base, name, batch)
    return state


def insert(base, name, documents):
    body = {"dataSource": "cinema", "database": "cinema", "collection": name, "documents": documents}
    load.ask(base, "/action/insertMany", body)


def rows(base, staff):
    """What is asked of either store."""
    username, password = staff
    new = {"firstname": "A", "lastname": "B", "password": password}
    load.ask(base, "/users", {"username": username, **new})
    token = load.ask(base, "/auth/login", {"username": username, "password": password})["access_token"]
    film, showtime, user, booking = (object_id(kind, 7)["$oid"] for kind in (1, 2, 3, 4))
    tomorrow = TODAY + timedelta(days=1)
    get = lambda path: lambda _: load.ask(base, path, token=token)
    post = lambda path, body: lambda n: load.ask(base, path, body(n), token)
    return {
        "film by id": get(f"/movies/{film}"),
        "a day's showtimes": get(f"/showtimes?date={tomorrow}"),
        "coming showtimes": get(f"/showtimes?from={tomorrow}"),
        "a film's showtimes": get(f"/showtimes?movie={film}&limit=1"),
        "booking by id": get(f"/bookings/{booking}"),
        "a user's bookings": get(f"/users/{user}/bookings"),
        "a showtime's bookings": get(f"/bookings?showtimeid={showtime}&limit=4"),
        "suggestions": get(f"/users/{user}/suggested"),
        "page of users": get("/users?limit=20"),
        "booking": post("/bookings", lambda _: {"userid": user, "showtimeid": showtime, "movies": [film]}),
        "sign-up": post("/users", lambda n: {"username": f"new{n}", **new}),
        # A name has five tries.
        "wrong password": lambda n: refused(base, {"username": f"guest{10 + n // 3}", "password": "not this one"}),
    }


def refused(base, body):
    try:
        load.ask(base, "/auth/login", body)
    except urllib.error.HTTPError as error:
        if error.code != 401:
            raise


def latencies(ask, numbers, seconds):
    """The milliseconds that a request takes, alone, again and again for so long."""
    taken, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        started = time.monotonic()
        ask(next(numbers))
        taken.append((time.monotonic() - started) * 1000)
    return taken


def measure(options):
    """A line of Markdown for each row: the median latencies, and their ratio."""
    lines = ["| row | few, p50 ms | many, p50 ms | |", "| --- | --: | --: | --: |"]
    states = {size: fill(options, size) for size in SIZES}
    with servers.cinema(options.cinema, states["few"]) as few, servers.cinema(options.cinema, states["many"]) as many:
        asked = [rows(server.base, options.staff) for server in (few, many)]
        for row in asked[0]:
            print(f"  among many: {row}", file=sys.stderr)
            taken, numbers = ([], []), count()
            # In turn, since other work on the machine comes and goes.
            for _ in range(4):
                for which in (0, 1):
                    taken[which].extend(latencies(asked[which][row], numbers, options.seconds / 8))
            one, other = map(statistics.median, taken)
            mark = "" if other / one < AIM else f" (the aim is below ×{AIM})"
            lines.append(f"| {row} | {one:.2f} | {other:.2f} | ×{other / one:.2f}{mark} |")
    return lines
