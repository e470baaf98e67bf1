"""Runs the end-to-end tests with their storage behind the gateway, and then looks at what they have left on the server.

    stored.py [arguments of the tests, such as a name]

Every field has the one BSON type that it should have, nothing is null, no showtime has sold more seats than it has, no two users have
one name, and the indexes that the page of storage names can be made. What the tests left is removed.
"""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path

from bson import Int64, ObjectId
from pymongo import MongoClient

ROOT = Path(__file__).resolve().parents[2]
# These look into the embedded store, or into a span of it.
EMBEDDED = ["the_embedded_store", "no_secret_is_told", "with_a_full_disk", "a_request_is_one_trace"]

TYPES = {
    datetime: "at began changedon closed createdon expires last on renewedon voided",
    int: "capacity failures minutes probes revision running seats taken",
    float: "rating",
    ObjectId: "_id booking bookingid by epoch id released showtime showtimeid user userid version movies[] owes",
    dict: "cancelled claims[] code films[] holds[] terms",
    list: "claims films holds movies",
}
TYPE = {name: kind for kind, names in TYPES.items() for name in names.split()}
NAMED_BY_TEXT = {"attempts", "idempotency", "locks", "screens", "usernames"}


def main():
    uri = os.environ["MONGODB_URI"]
    client = MongoClient(uri, tz_aware=True)
    before = set(client.list_database_names())
    with Gateway(uri) as url:
        tests = ["cargo", "test", "--profile", "host", "--package", "cinema-tests", "--", *sys.argv[1:]]
        tests += [word for name in EMBEDDED for word in ("--skip", name)]
        binary = str(ROOT / "target/host/cinema")
        ended = subprocess.run(tests, cwd=ROOT, env=os.environ | {"CINEMA_STORAGE": url, "CINEMA_BIN": binary})
    # Every host has a database of its own.
    databases = [client[name] for name in client.list_database_names() if name not in before and name.startswith("cinema_")]
    faults, seen = Counter(), Counter()
    for database in databases:
        look(database, faults, seen)
    for database in databases[:1]:
        index(database)
    for database in databases:
        client.drop_database(database)
    print(f"{len(databases)} databases, {seen.total()} documents: {dict(sorted(seen.items()))}")
    for fault, count in faults.most_common():
        print(f"{count}x {fault}")
    if ended.returncode or faults or not seen:
        sys.exit("it is not as it should be")


def look(database, faults, seen):
    for name in database.list_collection_names():
        for document in database[name].find():
            seen[name] += 1
            for field, value in document.items():
                faults.update(misfits(f"{name}.{field}", value))
    sold = defaultdict(int)
    for booking in database.bookings.find({"voided": {"$exists": False}}):
        sold[booking["showtimeid"]] += booking["seats"]
    for showtime in database.showtimes.find({"capacity": {"$exists": True}}):
        if sold[showtime["_id"]] > showtime["capacity"]:
            faults[f"a showtime of {showtime['capacity']} seats has sold {sold[showtime['_id']]}"] += 1
    names = Counter(user["username"].casefold() for user in database.users.find({"username": {"$exists": True}}))
    faults.update(f"{count} users are {name}" for name, count in names.items() if count > 1)


def misfits(path, value):
    name = path.rpartition(".")[2]
    expected = TYPE.get(name, str)
    if name == "_id" and path.partition(".")[0] in NAMED_BY_TEXT:
        expected = str
    # An Int64 is an int to Python, but not to BSON.
    if type(value) is not expected:
        yield f"{path} is {'a 64-bit integer' if isinstance(value, Int64) else type(value).__name__}, not {expected.__name__}"
    children = value.items() if isinstance(value, dict) else []
    for child, inner in children:
        yield from misfits(f"{path}.{child}", inner)
    for inner in value if isinstance(value, list) else []:
        yield from misfits(f"{path}[]", inner)


def index(database):
    """Makes the indexes of the page, which gives them to MongoDB's shell."""
    page = (ROOT / "k8s/storage/README.md").read_text()
    table = re.search(r"Object\.entries\((\{.*?\})\)\.forEach", page, re.DOTALL)
    assert table, "the page names no indexes"
    wanted = json.loads(re.sub(r",\s*}", "}", re.sub(r"(\w+):", r'"\1":', table[1])))
    for name, indexes in wanted.items():
        for keys in indexes:
            database[name].create_index(list(keys.items()))
        made = [dict(one["key"]) for one in database[name].index_information().values()]
        assert all(keys in made for keys in indexes), (name, indexes, made)
    print(f"indexes of {len(wanted)} collections are made")


class Gateway:
    """The gateway in front of the server, for as long as it is asked."""

    def __init__(self, uri):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = "127.0.0.1:%d" % free.getsockname()[1]
        program = ROOT / "target/host/data-api-gateway"
        environment = os.environ | {"GATEWAY_URI": uri}
        self.process = subprocess.Popen([program, "serve", "--listen", self.address], env=environment, stderr=subprocess.DEVNULL)

    def __enter__(self):
        for _ in range(300):
            assert self.process.poll() is None, "the gateway has ended"
            try:
                urllib.request.urlopen(f"http://{self.address}/readyz").close()
                return f"http://{self.address}"
            except OSError:
                time.sleep(0.1)
        raise TimeoutError("the gateway is not ready")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


if __name__ == "__main__":
    main()
