#!/usr/bin/env python3
"""Measures the running system, side by side in one run, and prints one table.

On the bundled host, and on `spin up` where the Spin CLI is on the PATH: a component that only says hello, a film by id, a page
of 50 films, the website's programme of today, as it is kept for a moment and as it is made, a booking by id for somebody whose token is
verified, a user's suggestions, and a booking, at 1, 16 and 64 connections. On a native program over the same store, as the price of
the sandbox: the film and the page. And the time from start to first answer, cold and with the compile cache; and the same
requests of a small store and of a large one; one handler behind three routers; a film and a page by gRPC beside HTTP/JSON; the bookings
of a showtime that has few, and of one that has thousands; and the gateway to MongoDB beside MongoDB's own driver.

All of it is measured in rounds, one server after the other for each row, and the medians are told. The figures are this machine's; what
can be compared are the ratios to the hello row, and, where others use the machine too, those of the server's CPU time.
"""

import argparse
import os
import platform
import re
import shutil
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import bench_gateway as gateway
import bench_grpc as grpc
import bench_load as load
import bench_many as many
import bench_rounds as rounds
import bench_servers as servers
import bench_showtime as showtime

CONNECTIONS = (1, 16, 64)
# One handler behind each router: the services' own, the SDK's, and axum's.
ROUTERS = {"router: ours": "/ours/films/1", "router: the SDK's": "/sdk/films/1", "router: axum": "/axum/films/1"}
HELLO, FILM, PAGE, VERIFIED = "hello", "film by id", "page of 50 films", "booking by id, verified"
# What verifying a token may cost at most, as a part of a film by id.
TOKEN_AIM = 0.10
WEBSITE = ("website's programme", "website's programme, made")
# How many of its pages there are to be in a second, as a part of hello's answers.
WEBSITE_AIM = 0.25


def rows(server, options):
    """The rows of a server that runs the components."""
    servers.load_sample(options.cinema, server.base)
    routers = {row: [load.Request(path)] for row, path in ROUTERS.items()}
    return {HELLO: [load.Request("/hello")], **routers, **load.requests(server.base, options.staff)}


def start_times(options):
    """Seconds from the start of the host to its first answer: with an empty compile cache, and with a full one."""
    state = servers.fresh("start")
    times = []
    for _ in range(2):
        with servers.cinema(options.cinema, state) as server:
            times.append(server.start_time)
    return times


def table(all_measured):
    """The measurements as a Markdown table, each figure beside its ratio to the hello row of the same connections. The native twin
    has no hello row of its own: it is compared with the bundled host's."""
    lines = [
        "| server | row | connections | requests/s | | CPU µs | | p50 ms | | p99 ms | | memory MiB | | failed |",
        "| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |",
    ]
    for name, measured in all_measured.items():
        for (row, connections), found in measured.items():
            hello = measured.get((HELLO, connections)) or all_measured["cinema"][HELLO, connections]
            lines.append(
                f"| {name} | {row} | {connections} "
                f"| {found.rate:,.0f} | {found.rate / hello.rate:.0%} "
                f"| {found.cpu:,.0f} | ×{found.cpu / hello.cpu:.1f} "
                f"| {found.p50:.2f} | ×{found.p50 / hello.p50:.1f} "
                f"| {found.p99:.2f} | ×{found.p99 / hello.p99:.1f} "
                f"| {found.memory:.0f} | ×{found.memory / hello.memory:.1f} | {found.failed} |"
            )
    return lines


def summary(all_measured, times):
    """What the table comes to."""
    cinema = all_measured["cinema"]
    cold, cached = times
    lines = [f"From start to first answer: {cold:.2f} s cold, {cached:.2f} s with the compile cache."]
    costs = [cinema[VERIFIED, c].cpu / cinema[FILM, c].cpu - 1 for (r, c) in cinema if r == VERIFIED]
    shown = ", ".join(f"{cost:.0%}" for cost in costs)
    lines.append(f"A booking by id, with a token to verify, takes {shown} more CPU time than a film by id; the aim is {TOKEN_AIM:.0%}.")
    for row in WEBSITE:
        rates = ", ".join(f"{cinema[row, c].rate / cinema[HELLO, c].rate:.0%}" for (r, c) in cinema if r == row)
        lines.append(f"{row.capitalize()}: {rates} of hello's rate; the aim is {WEBSITE_AIM:.0%}.")
    for row in ROUTERS:
        prices = ", ".join(f"×{cinema[row, c].cpu / cinema[HELLO, c].cpu:.2f}" for (r, c) in cinema if r == row)
        lines.append(f"{row.capitalize()}: {prices} hello's CPU time.")
    lines.append(
        "The services have a router of their own since the SDK's can't say which methods a path has, which 405 has to tell. Both match by "
        "routefinder; ours is to cost no more, with all that it checks besides. Axum brings extractors that the services do without."
    )
    native = all_measured["native"]
    for row in (FILM, PAGE):
        prices = [cinema[row, c].cpu / native[row, c].cpu for (r, c) in native if r == row]
        shown = ", ".join(f"×{price:.1f}" for price in prices)
        lines.append(f"{row.capitalize()}: {shown} the native twin's CPU time.")
    return [f"- {line}" for line in lines]


def machine():
    """What it was measured on."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return f"{os.cpu_count()} cores ({model[1] if model else platform.machine()}), {platform.system()} {platform.release()}"


def arguments():
    parser = argparse.ArgumentParser(description="Measures the running system and prints one table.")
    parser.add_argument("--write", metavar="FILE", type=Path, help="also write the table to this Markdown file")
    parser.add_argument("--seconds", type=int, default=4, help="how long each cell is measured (default: 4)")
    parser.add_argument("--rounds", type=int, default=3, help="how often (default: 3)")
    parser.add_argument("--connections", type=int, nargs="+", default=CONNECTIONS, help="default: 1 16 64")
    parser.add_argument("--cinema", type=Path, default=servers.ROOT / "target/host/cinema", help="the bundled host")
    parser.add_argument("--native", type=Path, default=servers.ROOT / "target/host/native", help="the native twin")
    parser.add_argument("--gateway", type=Path, default=servers.ROOT / "target/host/data-api-gateway", help="the gateway to MongoDB")
    parser.add_argument("--driver", type=Path, default=servers.ROOT / "target/host/driver", help="MongoDB's driver by itself")
    parser.add_argument("--ferretdb", type=Path, default=servers.ROOT / "target/ferretdb", help="the folder of FerretDB's programs")
    parser.add_argument("--spin", type=Path, default=shutil.which("spin"), help="the Spin CLI (default: the one on the PATH)")
    return parser.parse_args()


def main():
    options = arguments()
    options.tool = load.generator()
    options.staff = servers.make_keys(options.cinema)
    times = start_times(options)
    state = servers.fresh("cinema")
    with ExitStack() as running:
        cinema = running.enter_context(servers.cinema(options.cinema, state))
        asked = {cinema: rows(cinema, options)}
        film = asked[cinema][FILM][0].path
        twin = running.enter_context(servers.native(options.native, state / "sqlite_db.db", film))
        asked[twin] = {row: asked[cinema][row] for row in (FILM, PAGE)}
        if options.spin:
            spin = running.enter_context(servers.spin(options.spin, servers.fresh("spin")))
            asked[spin] = rows(spin, options)
        all_measured = rounds.measure(asked, options, options.seconds)

    one_showtime = showtime.measure(options)
    by_grpc = grpc.measure(options)
    among_many = many.measure(options)
    through_gateway = gateway.measure(options)
    report = "\n".join([*table(all_measured), "", *summary(all_measured, times), one_showtime, "", *by_grpc, "", *among_many, "", *through_gateway])
    print(report)
    if options.write:
        options.write.write_text(
            f"# Benchmark\n\nBy `make bench WRITE=1` on {date.today()}, the medians of {options.rounds} rounds of {options.seconds} s a "
            f"row, with "
            f"{Path(options.tool).name} on the same machine: {machine()}. Beside each figure stands its ratio to the hello row of "
            "the same server and as many connections; the native twin's, to the hello row of `cinema`. Compare the ratios: the "
            f"figures are those of this machine.\n\n{report}\n"
        )
        print(f"\nWritten to {options.write}")


if __name__ == "__main__":
    main()
