"""One showtime that everybody books: its bookings a second when it has few, and when it has thousands."""

import json
from datetime import date, timedelta
from statistics import median

import bench_load as load
import bench_servers as servers

FEW, MANY, SEATS = 50, 5_000, 10_000
CONNECTIONS = 16
# Who book it: more than are under way at once. Of one customer's orders only one is decided at a time.
CUSTOMERS = 24
# How long a showtime is booked at once, in seconds: the one of many is not to be sold out by it.
WINDOW = 1
# The least part of the bookings a second that is to be left among many.
AIM = 0.80


class Showtime:
    """A showtime that is only here to be booked."""

    def __init__(self, server, token, customers, options):
        self.server, self.options, self.booked = server, options, 0
        movie = load.ask(server.base, "/movies?limit=1", token=token)["data"][0]["id"]
        day = str(date.today() + timedelta(days=1))
        new = {"date": day, "movies": [movie], "capacity": SEATS}
        showtime = load.ask(server.base, "/showtimes", new, token)["data"]["id"]
        order = json.dumps({"showtimeid": showtime, "movies": [movie]})
        self.requests = [load.Request("/bookings", order, customer) for customer in customers]

    def fill(self, bookings):
        while self.booked < min(bookings, FEW):
            order = self.requests[self.booked % CUSTOMERS]
            load.ask(self.server.base, order.path, json.loads(order.body), order.token)
            self.booked += 1
        while self.booked < bookings:
            self.book()
        return self

    def book(self):
        """Bookings a second, and the server's CPU time for one, in microseconds."""
        before = self.server.cpu()
        result = load.run(self.options.tool, self.server.base, self.requests, CONNECTIONS, WINDOW)
        if result.failed:
            raise SystemExit(f"{result.failed} of {result.count} bookings of one showtime failed: see {self.server.log.name}")
        self.booked += result.count
        return result.rate, (self.server.cpu() - before) / max(result.count, 1) * 1e6


def sign_up(server, number):
    """A new customer's token."""
    account = {"username": f"customer{number}", "password": "a long enough secret"}
    load.ask(server.base, "/users", account | {"firstname": "Customer", "lastname": str(number)})
    return load.ask(server.base, "/auth/login", account)["access_token"]


def measure(options):
    """A line of Markdown: bookings a second and their CPU time, with few and with many, in turn."""
    username, password = options.staff
    with servers.cinema(options.cinema, servers.fresh("showtime")) as server:
        servers.load_sample(options.cinema, server.base)
        token = load.ask(server.base, "/auth/login", {"username": username, "password": password})["access_token"]
        customers = [sign_up(server, number) for number in range(CUSTOMERS)]
        new = lambda: Showtime(server, token, customers, options)
        full = new().fill(MANY)
        rounds = [(*new().fill(FEW).book(), *full.book()) for _ in range(options.rounds)]
    few, few_cpu, many, many_cpu = map(median, zip(*rounds))
    mark = "" if many / few >= AIM else f" (the aim is {AIM:.0%})"
    return (
        f"- One showtime: {few:,.0f} bookings/s at {FEW} bookings, {many:,.0f} at {MANY:,}, {many / few:.0%}{mark}; "
        f"{few_cpu:,.0f} and {many_cpu:,.0f} CPU µs."
    )
