#!/usr/bin/env python3
"""Measures the running system, side by side in one run, and prints one table.

On the bundled host, and on `spin up` where the Spin CLI is on the PATH: a component that only says hello, a film by id, a page
of 50 films, a booking by id for somebody whose token is verified, a user's suggestions, and a booking, at 1, 16 and 64 connections. On a native program over the same store, as the
price of the sandbox: the film and the page. And the time from start to first answer, cold and with the compile cache; and the same
requests of a small store and of a large one.

The figures are this machine's; the ratios to the hello row are what can be compared.
"""

import argparse
import os
import platform
import re
import shutil
import sys
from datetime import date
from pathlib import Path

import bench_load as load
import bench_many as many
import bench_servers as servers

CONNECTIONS = (1, 16, 64)
HELLO, FILM, PAGE, VERIFIED, SUGGESTIONS = "hello", "film by id", "page of 50 films", "booking by id, verified", "suggestions"
# What is aimed at, as a part of the hello row's requests a second.
AIMS = {FILM: 0.50, SUGGESTIONS: 0.25}
# What verifying a token may cost at most, as a part of a film by id.
TOKEN_AIM = 0.15


def measure(server, rows, options):
    """Each row at each number of connections: `(row, connections) -> (load, memory)`."""
    measured = {}
    for connections in options.connections:
        for row, requests in rows.items():
            print(f"  {server.name}: {row}, {connections} connections", file=sys.stderr)
            result = load.run(options.tool, server.base, requests, connections, options.seconds)
            if result.failed:
                print(f"    {result.failed} requests failed: see {server.log.name}", file=sys.stderr)
            measured[row, connections] = result, server.memory()
    return measured


def measure_components(start, state, options):
    """The rows of a server that runs the components; and what the native twin is to be asked."""
    with start(state) as server:
        servers.load_sample(options.cinema, server.base)
        asked = load.requests(server.base, options.staff)
        rows = {HELLO: [load.Request("/hello")], **asked}
        return measure(server, rows, options), asked


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
        "| server | row | connections | requests/s | | p50 ms | | p99 ms | | memory MiB | | failed |",
        "| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |",
    ]
    for name, measured in all_measured.items():
        for (row, connections), (result, memory) in measured.items():
            hello, hello_memory = measured.get((HELLO, connections)) or all_measured["cinema"][HELLO, connections]
            lines.append(
                f"| {name} | {row} | {connections} "
                f"| {result.rate:,.0f} | {result.rate / hello.rate:.0%} "
                f"| {result.p50:.2f} | ×{result.p50 / hello.p50:.1f} "
                f"| {result.p99:.2f} | ×{result.p99 / hello.p99:.1f} "
                f"| {memory:.0f} | ×{memory / hello_memory:.1f} | {result.failed} |"
            )
    return lines


def summary(all_measured, times):
    """What the table comes to."""
    cinema = all_measured["cinema"]
    cold, cached = times
    lines = [f"From start to first answer: {cold:.2f} s cold, {cached:.2f} s with the compile cache."]
    for row, aim in AIMS.items():
        shares = [cinema[row, c][0].rate / cinema[HELLO, c][0].rate for (r, c) in cinema if r == row]
        shown = ", ".join(f"{share:.0%}" for share in shares)
        lines.append(f"{row.capitalize()}: {shown} of the hello row's requests/s; the aim is {aim:.0%}.")
    costs = [cinema[FILM, c][0].rate / cinema[VERIFIED, c][0].rate - 1 for (r, c) in cinema if r == VERIFIED]
    shown = ", ".join(f"{cost:.0%}" for cost in costs)
    lines.append(f"A booking by id, with a token to verify, costs {shown} more than a film by id; the aim is {TOKEN_AIM:.0%}.")
    for row in (FILM, PAGE):
        if native := all_measured.get("native"):
            prices = [native[row, c][0].rate / cinema[row, c][0].rate for (r, c) in native if r == row]
            shown = ", ".join(f"×{price:.1f}" for price in prices)
            lines.append(f"{row.capitalize()}: the native twin answers {shown} as many requests/s.")
    return [f"- {line}" for line in lines]


def machine():
    """What it was measured on."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return f"{os.cpu_count()} cores ({model[1] if model else platform.machine()}), {platform.system()} {platform.release()}"


def arguments():
    parser = argparse.ArgumentParser(description="Measures the running system and prints one table.")
    parser.add_argument("--write", metavar="FILE", type=Path, help="also write the table to this Markdown file")
    parser.add_argument("--seconds", type=int, default=5, help="how long each cell is measured (default: 5)")
    parser.add_argument("--connections", type=int, nargs="+", default=CONNECTIONS, help="default: 1 16 64")
    parser.add_argument("--cinema", type=Path, default=servers.ROOT / "target/host/cinema", help="the bundled host")
    parser.add_argument("--native", type=Path, default=servers.ROOT / "target/host/native", help="the native twin")
    parser.add_argument("--spin", type=Path, default=shutil.which("spin"), help="the Spin CLI (default: the one on the PATH)")
    return parser.parse_args()


def main():
    options = arguments()
    options.tool = load.generator()
    options.staff = servers.make_keys(options.cinema)
    times = start_times(options)
    state = servers.fresh("cinema")
    all_measured = {}
    all_measured["cinema"], asked = measure_components(lambda state: servers.cinema(options.cinema, state), state, options)
    with servers.native(options.native, state / "sqlite_db.db", asked[FILM][0].path) as twin:
        all_measured["native"] = measure(twin, {row: asked[row] for row in (FILM, PAGE)}, options)
    if options.spin:
        start = lambda state: servers.spin(options.spin, state)
        all_measured["spin"], _ = measure_components(start, servers.fresh("spin"), options)

    among_many = many.measure(options)
    report = "\n".join([*table(all_measured), "", *summary(all_measured, times), "", *among_many])
    print(report)
    if options.write:
        options.write.write_text(
            f"# Benchmark\n\nBy `make bench WRITE=1` on {date.today()}, {options.seconds} s a row, with "
            f"{Path(options.tool).name} on the same machine: {machine()}. Beside each figure stands its ratio to the hello row of "
            "the same server and as many connections; the native twin's, to the hello row of `cinema`. Compare the ratios: the "
            f"figures are those of this machine.\n\n{report}\n"
        )
        print(f"\nWritten to {options.write}")


if __name__ == "__main__":
    main()
