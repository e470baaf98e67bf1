"""Rounds: each row of each server, one server after the other, and what they come to by their medians."""

import sys
from dataclasses import dataclass
from statistics import median

import bench_load as load


@dataclass
class Measured:
    """What a row comes to, by the medians of all rounds."""

    rate: float
    #: The server's CPU time for a request, in microseconds.
    cpu: float
    p50: float
    p99: float
    #: Resident memory, in MiB.
    memory: float
    #: How many requests failed, in all rounds.
    failed: int

    @classmethod
    def of(cls, rounds):
        loads, seconds, memories = zip(*rounds)
        return cls(
            rate=median(load.rate for load in loads),
            cpu=median(second / max(load.count, 1) * 1e6 for load, second in zip(loads, seconds)),
            p50=median(load.p50 for load in loads),
            p99=median(load.p99 for load in loads),
            memory=median(memories),
            failed=sum(load.failed for load in loads),
        )


def measure(asked, options, seconds):
    """Each row of each server at each number of connections: `server -> (row, connections) -> Measured`."""
    rounds = {}
    for turn in range(options.rounds):
        for connections, row in ((c, row) for c in options.connections for row in next(iter(asked.values()))):
            for server, rows in ((server, rows) for server, rows in asked.items() if row in rows):
                print(f"  round {turn + 1}: {server.name}: {row}, {connections} connections", file=sys.stderr)
                before = server.cpu()
                result = load.run(server.tool or options.tool, server.base, rows[row], connections, seconds)
                used = server.cpu() - before
                if result.failed:
                    print(f"    {result.failed} requests failed: see {server.log.name}", file=sys.stderr)
                found = rounds.setdefault(server.name, {}).setdefault((row, connections), [])
                found.append((result, used, server.memory()))
    return {name: {cell: Measured.of(found) for cell, found in cells.items()} for name, cells in rounds.items()}
