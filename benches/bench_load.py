"""The load: what is asked, and what asks it.

That is wrk, since it costs the least itself, which matters where it shares the cores with what it measures; Debian has it. Where
it cannot be had, it is oha from crates.io, which tells the same.
"""

import json
import os
import shutil
import subprocess
import tempfile
import urllib.request
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOOLS = HERE.parent / "target" / "tools"

# Bookings go round over so many showtimes, each with as many seats as a showtime may have.
SHOWTIMES = 100


@dataclass
class Request:
    """A request of the load: a GET, or a POST of a body; with a token, where somebody has to be signed in."""

    path: str
    body: str = ""
    token: str = ""

    def line(self):
        return f"{'POST' if self.body else 'GET'}\t{self.path}\t{self.token}\t{self.body}\n"


@dataclass
class Load:
    """What one run measured: how many requests were answered, how many a second, latencies in milliseconds, and how many requests
    failed (no answer, or one with status 400 or above)."""

    count: int
    rate: float
    p50: float
    p99: float
    failed: int


def requests(base, staff):
    """What each row asks of a cinema that holds the sample data, signed in as staff with this name and password. Makes the showtimes
    that are booked."""
    username, password = staff
    token = ask(base, "/auth/login", {"username": username, "password": password})["access_token"]
    call = lambda path, body=None: ask(base, path, body, token)["data"]
    movies = [movie["id"] for movie in call("/movies?limit=100")]
    booked_before = call("/bookings?limit=100")
    user = booked_before[0]["userid"]
    booker = call("/auth/me")["id"]
    # Far ahead, so that they are not among what is suggested.
    days = (date.today() + timedelta(days=100 + n) for n in range(SHOWTIMES))
    bookings = []
    for n, day in enumerate(days):
        booked = [movies[n % len(movies)]]
        showtime = call("/showtimes", {"date": str(day), "time": "20:15", "movies": booked, "capacity": 10_000})
        bookings.append(json.dumps({"userid": booker, "showtimeid": showtime["id"], "movies": booked}))
    return {
        "film by id": [Request(f"/movies/{movie}") for movie in movies],
        "page of 50 films": [Request("/movies?limit=50")],
        "website's programme": [Request(f"/programme/{date.today()}")],
        # More addresses than pages are kept.
        "website's programme, made": [Request(f"/programme/{date.today()}?n={n}") for n in range(2000)],
        "booking by id, verified": [Request(f"/bookings/{booking['id']}", token=token) for booking in booked_before],
        "suggestions": [Request(f"/users/{user}/suggested", token=token)],
        "booking": [Request("/bookings", body, token) for body in bookings],
    }


def ask(base, path, body=None, token=None):
    """Asks once; the answer's body."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    with urllib.request.urlopen(urllib.request.Request(base + path, data, headers), timeout=30) as answer:
        return json.load(answer)


def generator():
    """The path of wrk, or else of oha; installs one where there is neither."""
    for name in ("wrk", "oha"):
        if found := shutil.which(name) or shutil.which(name, path=TOOLS / "bin"):
            return found
    if shutil.which("apt-get"):
        sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
        command = [*sudo, "apt-get", "install", "-y", "-q", "wrk"]
        if subprocess.run(command, stdout=subprocess.DEVNULL).returncode == 0 and (found := shutil.which("wrk")):
            return found
    print("wrk is not to be had here: building oha, once")
    subprocess.run(["cargo", "install", "--quiet", "--locked", "--root", TOOLS, "oha"], check=True)
    return str(TOOLS / "bin" / "oha")


def run(tool, base, requests, connections, seconds):
    """Sends the requests in turn over this many connections at once, for so long."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        measure = {"wrk": wrk, "driver": driver}.get(Path(tool).name, oha)
        return measure(tool, base, requests, file, connections, seconds)


def wrk(tool, base, requests, file, connections, seconds):
    command = [tool, "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s"]
    return told([*command, "-s", HERE / "bench_load.lua", base, "--", file.name], requests, file)


def driver(tool, uri, requests, file, connections, seconds):
    """What the requests ask of the Data API, asked of the server itself (`benches/driver`)."""
    return told([tool, "--connections", str(connections), "--seconds", str(seconds), uri, file.name], requests, file)


def told(command, requests, file):
    """What a command says at its end of the requests that it reads from the file."""
    file.writelines(request.line() for request in requests)
    file.flush()
    line = next(line for line in output(command).splitlines() if line.startswith("RESULT "))
    count, micros, failed, p50, p99 = map(int, line.split()[1:])
    return Load(count, count / micros * 1e6, p50 / 1000, p99 / 1000, failed)


def oha(tool, base, requests, file, connections, seconds):
    command = [tool, "-z", f"{seconds}s", "-c", str(connections), "--no-tui", "--output-format", "json"]
    if requests[0].token:
        command += ["-H", f"Authorization: Bearer {requests[0].token}"]
    if requests[0].body:
        file.writelines(request.body + "\n" for request in requests)
        command += ["-m", "POST", "-T", "application/json", "-Z", file.name, base + requests[0].path]
    else:
        file.writelines(base + request.path + "\n" for request in requests)
        command += ["--urls-from-file", file.name]
    file.flush()
    told = json.loads(output(command))
    failed = sum(n for status, n in told["statusCodeDistribution"].items() if int(status) >= 400)
    # Those that were under way when the time was up are no failures.
    failed += sum(n for error, n in told["errorDistribution"].items() if error != "aborted due to deadline")
    latency = told["latencyPercentiles"]
    return Load(sum(told["statusCodeDistribution"].values()), told["summary"]["requestsPerSec"], latency["p50"] * 1000, latency["p99"] * 1000, failed)


def output(command):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout
