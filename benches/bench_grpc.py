"""The same by gRPC and by HTTP/JSON: a film by id and a page of 50, each by one client that asks over one HTTP/2 connection.

That client is h2load, which Debian has with nghttp2: it sends the one request over and over, and knows nothing of messages, so that
what it takes itself is the same for both.
"""

import os
import re
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path
from statistics import median

import bench_load as load
import bench_servers as servers

STREAMS = (1, 16, 64)
# How many of the rows' calls there are to be, as a part of JSON's, at the second number of streams.
AIM = 1.0
GRPC = ("-H", "content-type: application/grpc", "-H", "te: trailers")


def generator():
    """The path of h2load; installs it where it is not."""
    if not shutil.which("h2load") and shutil.which("apt-get"):
        sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
        subprocess.run([*sudo, "apt-get", "install", "-y", "-q", "nghttp2-client"], stdout=subprocess.DEVNULL)
    return shutil.which("h2load")


def message(fields):
    """A request of a method: the length, and the fields as protobuf writes them."""
    return struct.pack(">BI", 0, len(fields)) + fields


def ask(tool, server, target, streams, seconds):
    """Answers a second, and the server's CPU time for one, in microseconds."""
    path, *options = target
    before = server.cpu()
    command = [tool, "-c", "1", "-m", str(streams), "-D", str(seconds), *options, server.base + path]
    told = subprocess.run(command, check=True, text=True, capture_output=True).stdout
    rate = float(re.search(r"finished in [^,]*, ([\d.]+) req/s", told)[1])
    count, failed = (int(re.search(rf"(\d+) {what}", told)[1]) for what in ("succeeded", "failed"))
    if failed:
        raise SystemExit(f"{failed} of {count} requests for {path} failed: see {server.log.name}")
    return rate, (server.cpu() - before) / max(count, 1) * 1e6


def measure(options):
    """A table of Markdown: both ways in turn, and their medians."""
    tool = generator()
    if not tool:
        return ["gRPC beside JSON: not measured, since h2load is not to be had here."]
    with tempfile.TemporaryDirectory() as folder, servers.cinema(options.cinema, servers.fresh("grpc")) as server:
        servers.load_sample(options.cinema, server.base)
        film = load.ask(server.base, "/movies?limit=1")["data"][0]["id"]
        # GetMovieRequest.id is field 1, ListMoviesRequest.page_size field 8.
        rows = {
            "film by id": (f"/movies/{film}", "GetMovie", b"\x0a" + bytes([len(film)]) + film.encode()),
            "page of 50 films": ("/movies?limit=50", "ListMovies", b"\x40\x32"),
        }
        lines = [
            "By gRPC beside HTTP/JSON, by h2load over one connection:", "",
            "| row | streams | JSON, requests/s | gRPC | | JSON, CPU µs | gRPC | |",
            "| --- | --: | --: | --: | --: | --: | --: | --: |",
        ]
        for row, (path, method, fields) in rows.items():
            body = Path(folder, method)
            body.write_bytes(message(fields))
            targets = [path], [f"/cinema.v1.Movies/{method}", *GRPC, "-d", body]
            for streams in STREAMS:
                rounds = [
                    [ask(tool, server, target, streams, options.seconds) for target in targets] for _ in range(options.rounds)
                ]
                (json, json_cpu), (grpc, grpc_cpu) = (map(median, zip(*way)) for way in zip(*rounds))
                mark = f" (the aim is {AIM:.0%})" if streams == STREAMS[1] and round(grpc / json, 2) < AIM else ""
                lines.append(
                    f"| {row} | {streams} | {json:,.0f} | {grpc:,.0f} | {grpc / json:.0%}{mark} "
                    f"| {json_cpu:,.0f} | {grpc_cpu:,.0f} | ×{grpc_cpu / json_cpu:.2f} |"
                )
    return lines
