#!/usr/bin/env python3
"""Measures the running system, side by side in one run, and prints one table.

What is measured: a component that only says hello, a film by id, a page of 50 films, a booking, and a user's suggestions, on
the bundled host; the first four reading rows again on `spin up` where the Spin CLI is on the PATH; and a film by id and the
page on a native program over the same store, as the price of the sandbox. The load comes from wrk, since it is a small C
program that takes little of the two cores it shares with what it measures.

Only the ratios mean anything on another machine: every row stands beside its ratio to the hello row of its own host.
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
HOST = ROOT / "target/host/cinema"
NATIVE = ROOT / "target/host/native"
CONNECTIONS = (1, 16, 64)
FILMS = 500


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def call(method, url, body=None):
    """One request; the answer's JSON."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.loads(response.read() or b"null")


def until_answered(url, process, seconds=120):
    """Waits for a first 200 from `url`; seconds it took."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        if process.poll() is not None:
            sys.exit(f"the host ended with {process.returncode} before it answered at {url}")
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                if response.status == 200:
                    return time.monotonic() - start
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.002)
    sys.exit(f"no answer at {url} within {seconds} s")


@contextlib.contextmanager
def running(command, environment=None):
    """A process for as long as the block lasts, ended by its own id."""
    process = subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def resident_mebibytes(process):
    """The memory a process and its children hold, in MiB."""
    total = 0
    for status in pathlib.Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            text = status.read_text()
            ids = dict(re.findall(r"^(Pid|PPid):\s+(\d+)", text, re.M))
            if str(process.pid) in (ids["Pid"], ids["PPid"]):
                total += int((re.search(r"^VmRSS:\s+(\d+)", text, re.M) or [0, 0])[1])
    return total / 1024


def bench_manifest(folder):
    """The app's own manifest with the hello component added, so that the two can't drift apart."""
    text = (ROOT / "spin.toml").read_text()
    text = text.replace('"target/wasm32-wasip1', f'"{ROOT}/target/wasm32-wasip1')
    text += f"""
[[trigger.http]]
route = "/hello"
component = "hello"

[component.hello]
source = "{ROOT}/target/wasm32-wasip1/release/hello.wasm"
"""
    path = pathlib.Path(folder) / "spin.toml"
    path.write_text(text)
    return path


def fill(url):
    """A catalogue, a programme and a user with bookings; what the rows need to know of them."""
    movies = [
        call("POST", f"{url}/movies", {"title": f"Film {n:04}", "director": f"Director {n % 40}", "rating": n % 101 / 10})
        for n in range(FILMS)
    ]
    ids = [movie["data"]["id"] for movie in movies]
    days = [time.strftime("%Y-%m-%d", time.gmtime(time.time() + day * 86400)) for day in range(1, 15)]
    showtimes = [
        call("POST", f"{url}/showtimes", {"date": day, "time": "20:15", "movies": ids[n * 3 : n * 3 + 3]})["data"]
        for n, day in enumerate(days)
    ]
    user = call("POST", f"{url}/users", {"username": "bench", "firstname": "Bench", "lastname": "Mark"})["data"]
    for showtime in showtimes[:10]:
        call("POST", f"{url}/bookings", {"userid": user["id"], "showtimeid": showtime["id"], "movies": showtime["movies"][:1]})
    other = call("POST", f"{url}/users", {"username": "booker", "firstname": "Boo", "lastname": "Ker"})["data"]
    booking = {"userid": other["id"], "showtimeid": showtimes[0]["id"], "movies": showtimes[0]["movies"][:1]}
    return {"movie": ids[FILMS // 2], "user": user["id"], "booking": booking}


def wrk(url, connections, seconds, folder, body=None):
    """Requests per second, and the median and 99th percentile of latency in milliseconds."""
    command = ["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "--latency"]
    if body is not None:
        script = pathlib.Path(folder) / "post.lua"
        script.write_text(
            'wrk.method = "POST"\n'
            'wrk.headers["content-type"] = "application/json"\n'
            f"wrk.body = [[{json.dumps(body)}]]\n"
        )
        command += ["-s", str(script)]
    output = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])
    unit = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}

    def percentile(name):
        value, suffix = re.search(rf"\s{name}%\s+([\d.]+)(us|ms|s|m)", output).groups()
        return float(value) * unit[suffix]

    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    errors = re.search(r"Socket errors: (.*)", output)
    if failed or errors:
        print(f"  {url} at {connections}: {(failed or errors)[0]}", file=sys.stderr)
    return rate, percentile("50"), percentile("99")


def measure(name, process, url, rows, seconds, folder):
    """Every row at every number of connections."""
    results = []
    for connections in CONNECTIONS:
        hello = None
        for row, path, body in rows:
            print(f"  {name}: {row}, {connections} connections", file=sys.stderr)
            rate, p50, p99 = wrk(url + path, connections, seconds, folder, body)
            hello = hello or rate
            results.append((name, row, connections, rate, rate / hello, p50, p99, resident_mebibytes(process)))
    return results


def start_times(manifest, folder):
    """Seconds from start to first answer: with an empty compile cache, and with a warm one."""
    cache = pathlib.Path(folder) / "cache"
    times = []
    for _ in range(2):
        port = free_port()
        command = [HOST, "up", "--quiet", "--from", manifest, "--listen", f"127.0.0.1:{port}", "--state-dir", f"{folder}/start"]
        with running(command, {"XDG_CACHE_HOME": str(cache)}) as process:
            times.append(until_answered(f"http://127.0.0.1:{port}/movies", process))
    return times


def table(results, cold, cached):
    lines = [
        "| host | row | connections | requests/s | of hello | p50 ms | p99 ms | memory MiB |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, row, connections, rate, ratio, p50, p99, memory in results:
        share = f"{ratio:.0%}" if name != "native twin" else "–"
        lines.append(f"| {name} | {row} | {connections} | {rate:,.0f} | {share} | {p50:.2f} | {p99:.2f} | {memory:.0f} |")
    lines += ["", f"From start to first answer: {cold:.2f} s with an empty compile cache, {cached:.2f} s with a warm one."]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", metavar="FILE", help="also write the table to this Markdown file")
    parser.add_argument("--seconds", type=int, default=5, help="how long each cell is measured (default 5)")
    options = parser.parse_args()
    if not shutil.which("wrk"):
        subprocess.run(["apt-get", "install", "-y", "-q", "wrk"], check=True, stdout=subprocess.DEVNULL)

    results = []
    with tempfile.TemporaryDirectory() as folder:
        manifest = bench_manifest(folder)
        cold, cached = start_times(manifest, folder)
        for name in ["cinema", *(["spin up"] if shutil.which("spin") else [])]:
            port = free_port()
            url = f"http://127.0.0.1:{port}"
            state = f"{folder}/{name.replace(' ', '-')}"
            common = ["--from", manifest, "--listen", f"127.0.0.1:{port}", "--state-dir", state, "--quiet"]
            with running([HOST if name == "cinema" else "spin", "up", *common]) as process:
                until_answered(f"{url}/movies", process)
                known = fill(url)
                rows = [
                    ("hello", "/hello", None),
                    ("film by id", f"/movies/{known['movie']}", None),
                    ("page of 50 films", "/movies?limit=50", None),
                    ("booking", "/bookings", known["booking"]),
                    ("suggestions", f"/users/{known['user']}/suggested", None),
                ]
                results += measure(name, process, url, rows, options.seconds, folder)
            if name == "cinema":
                port = free_port()
                url = f"http://127.0.0.1:{port}"
                database = f"{state}/sqlite_db.db"
                with running([NATIVE, "--listen", f"127.0.0.1:{port}", "--database", database]) as process:
                    until_answered(f"{url}/movies/{known['movie']}", process)
                    results += measure("native twin", process, url, rows[1:3], options.seconds, folder)

    text = table(results, cold, cached)
    print(text)
    if options.write:
        pathlib.Path(options.write).write_text(
            "# Benchmark\n\nWritten by `make bench WRITE=1`; load generator and server share the machine's "
            f"{os.cpu_count()} cores. Compare the ratios, not the figures.\n\n{text}\n"
        )


if __name__ == "__main__":
    main()
