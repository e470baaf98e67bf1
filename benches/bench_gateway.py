"""The gateway to MongoDB beside MongoDB's own driver, and beside the Data API server of FerretDB 2: the same requests for the same
documents of one FerretDB 1. What is compared with what, the report says itself.
"""

import json
import resource
import time
import urllib.request

import bench_load as load
import bench_many as many
import bench_rounds as rounds
import bench_servers as servers

# Few, since FerretDB looks at all of a collection to find one by its id: what is asked for is not to be hidden by that.
FILMS = 100
# Documents of an answer that is to take no memory of its own, of few and of many, and the size of each in bytes.
FEW, MANY, SIZE = 10_000, 100_000, 500
# How long a row is measured, in seconds.
WINDOW = 2
# The least part of the driver's requests a second that is to be left; the most that may be added to its median latency where one asks
# alone, in milliseconds; the most memory, in MiB.
RATE_AIM, RATE_AT = 0.70, 16
ADDED_AIM, ADDED_AT = 0.2, 1
MEMORY_AIM = 64


class Driver:
    """MongoDB's driver by itself."""

    name = "driver"

    def __init__(self, options, ferretdb):
        self.tool, self.base, self.log = options.driver, ferretdb.uri, ferretdb.log

    def cpu(self):
        """The time of all programs that ran until now, in seconds: between two looks, of one."""
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    def memory(self):
        return 0


def ferretdb(options):
    """FerretDB, which waits for no disk: that is not what is measured."""
    port, ready = servers.free_port(), servers.free_port()
    state = servers.fresh("ferretdb")
    command = [
        options.ferretdb / "ferretdb", "--handler=sqlite", f"--sqlite-url=file:{state}/?_pragma=synchronous(off)",
        f"--state-dir={state}", f"--listen-addr=127.0.0.1:{port}", f"--debug-addr=127.0.0.1:{ready}", "--telemetry=disable", "--log-level=error",
    ]
    server = servers.Server("ferretdb", command, ready, "/debug/readyz")
    server.uri = f"mongodb://127.0.0.1:{port}"
    return server


def gateway(options, beneath):
    port = servers.free_port()
    command = [options.gateway, "serve", "--uri", beneath.uri, "--listen", f"127.0.0.1:{port}"]
    return servers.Server("gateway", command, port, "/readyz")


def ferretdb_data_api(options, beneath):
    port = servers.free_port()
    command = [options.ferretdb / "data-api", "-to", beneath.uri.removeprefix("mongodb://"), "-listen", f"127.0.0.1:{port}"]
    return servers.Server("FerretDB's Data API", command, port, "/openapi.json")


def request(action, collection, **parameters):
    body = {"dataSource": "any", "database": "cinema", "collection": collection, **parameters}
    return load.Request(f"/action/{action}", json.dumps(body))


def film(n, **more):
    return {"title": f"Film {n}", "director": f"Director {n % 20}", "rating": n % 100 / 10, "createdon": many.moment(), **more}


def rows():
    """What is asked, of whichever it is."""
    one = [{"_id": many.object_id(1, n)} for n in range(FILMS)]
    return {
        "findOne by id": [request("findOne", "movies", filter=filter) for filter in one],
        "find of 50": [request("find", "movies", filter={}, limit=50)],
        "insertOne": [request("insertOne", "more", document=film(1))],
        "updateOne": [request("updateOne", "movies", filter=filter, update={"$inc": {"shown": 1}}) for filter in one],
    }


def fill(base):
    for name, count, more in ("movies", FILMS, {}), ("large", MANY, {"synopsis": "x" * SIZE}):
        for begin in range(0, count, many.BATCH):
            batch = [{"_id": many.object_id(1, n), **film(n, **more)} for n in range(begin, min(begin + many.BATCH, count))]
            many.insert(base, name, batch)


def table(measured):
    lines = [
        "| row | connections | by | requests/s | | p50 ms | | p99 ms | CPU µs | memory MiB | failed |",
        "| --- | --: | --- | --: | --: | --: | --: | --: | --: | --: | --: |",
    ]
    for (row, connections), driver in measured["driver"].items():
        for name in measured:
            found = measured[name][row, connections]
            kept, added = found.rate / driver.rate, found.p50 - driver.p50
            missed = lambda at, holds, aim: f" (the aim is {aim})" if name == "gateway" and connections == at and not holds else ""
            lines.append(
                f"| {row} | {connections} | {name} "
                f"| {found.rate:,.0f} | {kept:.0%}{missed(RATE_AT, kept >= RATE_AIM, f'{RATE_AIM:.0%}')} "
                f"| {found.p50:.2f} | {added:+.2f}{missed(ADDED_AT, added < ADDED_AIM, f'below {ADDED_AIM}')} "
                f"| {found.p99:.2f} | {found.cpu:,.0f} | {found.memory or '–':{'.0f' if found.memory else ''}} | {found.failed} |"
            )
    return lines


def introduction(beneath, driver):
    """What is compared, and what the server takes that all of them stand in front of."""
    taken = []
    for row, requests in rows().items():
        before = beneath.cpu()
        count = load.run(driver.tool, driver.base, requests, RATE_AT, 1).count
        taken.append(f"{(beneath.cpu() - before) / count * 1e6:,.0f} for {row}")
    return (
        "The gateway beside MongoDB's driver by itself, and beside the Data API server of FerretDB 2, all in front of one FerretDB 1.24 "
        f"that holds {FILMS} films, {WINDOW} s a row. The driver's program asks and is answered in one: its CPU time is that of both, and "
        "the documents that it reads stay bytes. The others are asked by the load generator, which takes its part of the cores, and "
        f"write JSON; their CPU time is their own. FerretDB 1.24 takes its own beside it, in µs: {', '.join(taken)}. Rates and medians "
        "stand beside their ratio and their distance to the driver's."
    )


def stream(options, beneath, driver):
    """A line of Markdown: an answer of many documents, and what memory it takes."""
    peaks = []
    for count in FEW, MANY:
        asked = request("find", "large", filter={}, limit=count)
        with gateway(options, beneath) as server:
            post = urllib.request.Request(server.base + asked.path, asked.body.encode(), {"content-type": "application/json"})
            before, started = server.cpu(), time.monotonic()
            with urllib.request.urlopen(post) as answer:
                text = answer.read()
            taken, used = time.monotonic() - started, server.cpu() - before
            peaks.append(server.memory("VmHWM"))
        given = len(json.loads(text)["documents"])
        if given != count:
            raise SystemExit(f"the gateway gave {given} of {count} documents: see {server.log.name}")
    alone = load.run(driver.tool, driver.base, [asked], 1, 0).p50 / 1000
    few, many = peaks
    mark = "" if many < MEMORY_AIM else f" (the aim is below {MEMORY_AIM})"
    return (
        f"- A find of {MANY:,} documents of {SIZE} bytes: {taken:.1f} s by the gateway, {used:.1f} s of them its own CPU time, and "
        f"{alone:.1f} s by the driver. The gateway's memory was {many:.0f} MiB at the highest{mark}, and {few:.0f} MiB for {FEW:,}."
    )


def measure(options):
    """A table of Markdown, between a word about it and a line below."""
    if not options.ferretdb.joinpath("data-api").exists():
        return ["The gateway is not measured: FerretDB, which it would stand in front of, is built by Go, and there is none."]
    with ferretdb(options) as beneath:
        driver = Driver(options, beneath)
        with gateway(options, beneath) as own, ferretdb_data_api(options, beneath) as theirs:
            fill(own.base)
            asked = {server: rows() for server in (driver, own, theirs)}
            measured = rounds.measure(asked, options, WINDOW)
        return [introduction(beneath, driver), "", *table(measured), "", stream(options, beneath, driver)]
