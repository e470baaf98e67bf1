"""The load: visitors who read and customers who book and cancel, each a thread, and what has to be true of it all afterwards."""

import random
import secrets
import threading
import time
from collections import Counter
from contextlib import contextmanager
from datetime import date, timedelta

VISITORS = 6
CUSTOMERS = 6
CAPACITY = 40
# Beside trouble this may be answered: no room, no storage, no time.
IN_TROUBLE = {0, 408, 429, 503}


class Load:
    """Threads that ask, from the beginning of a `with` to its end."""

    def __init__(self, cinema):
        self.cinema = cinema
        self.count = 0
        self.wrong = Counter()
        self.going, self.ended = threading.Event(), threading.Event()
        self.idle = threading.Semaphore(0)
        self.token = self.sign_in(*cinema.staff)
        self.films = [film["id"] for film in self.call("GET", "/movies?limit=100")["data"]]
        days = (date.today() + timedelta(days=n) for n in range(1, 11))
        self.showtimes = [self.showtime(day) for day in days]
        self.customers = [Customer(self, number) for number in range(CUSTOMERS)]

    def __enter__(self):
        jobs = [self.visit] * VISITORS + [customer.book for customer in self.customers]
        self.threads = [threading.Thread(target=self.repeat, args=(job,), daemon=True) for job in jobs]
        for thread in self.threads:
            thread.start()
        self.going.set()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.going.set()
        for thread in self.threads:
            thread.join()

    def through(self, *troubles):
        """Goes on through each of these troubles."""
        for trouble in troubles:
            trouble(self.cinema)

    @contextmanager
    def paused(self):
        """Nothing is asked meanwhile but by whoever pauses."""
        self.going.clear()
        for _ in self.threads:
            self.idle.acquire()
        yield
        self.going.set()

    def repeat(self, job):
        while not self.ended.is_set():
            if not self.going.is_set():
                self.idle.release()
                self.going.wait()
            job()

    def ask(self, method, path, *more, wanted=(), **named):
        """Asks, and notes an answer that is neither wanted nor trouble's."""
        status, body = self.cinema.ask(method, path, *more, **named)
        self.count += 1
        if status not in {200, *wanted} | IN_TROUBLE:
            self.wrong[f"{method} /{path.split('/')[1].split('?')[0]} was answered {status}"] += 1
        return status, body

    def call(self, method, path, body=None, wanted=200):
        """Asks as staff until the answer is the one that is wanted."""
        return self.until(wanted, method, path, body, self.token)

    def until(self, wanted, method, path, body, token=None):
        """Asks until the answer is the one that is wanted."""
        while True:
            status, answer = self.cinema.ask(method, path, body, token)
            if status == wanted:
                return answer
            if status not in IN_TROUBLE:
                raise SystemExit(f"soak: {method} {path} was answered {status}: {answer}")
            time.sleep(0.2)

    def sign_in(self, username, password):
        body = {"username": username, "password": password}
        return self.until(200, "POST", "/auth/login", body)["access_token"]

    def showtime(self, day):
        body = {"date": str(day), "time": "23:59", "screen": "Soak", "movies": self.films[:1], "capacity": CAPACITY}
        return self.call("POST", "/showtimes", body, 201)["data"]["id"]

    def visit(self):
        """What somebody looks at who goes through the programme."""
        for path in (
            "/movies?limit=50",
            f"/movies/{random.choice(self.films)}",
            f"/showtimes?from={date.today()}&limit=20",
            f"/showtimes/{date.today() + timedelta(days=random.randrange(14))}",
            "/movies?title=the&limit=5",
            "/movies/healthy",
        ):
            self.ask("GET", path)

    def film(self):
        """How long a film takes, in milliseconds."""
        begun = time.perf_counter()
        self.ask("GET", f"/movies/{random.choice(self.films)}")
        return (time.perf_counter() - begun) * 1000

    def faults(self):
        """What is wrong with the answers, and with what is stored in the end."""
        yield from (f"{what}, {times} times" for what, times in self.wrong.items())
        for showtime in self.showtimes:
            booked = self.call("GET", f"/bookings?showtimeid={showtime}&limit=100")["data"]
            living = {booking["id"]: booking["seats"] for booking in booked}
            if sum(living.values()) > CAPACITY:
                yield f"{sum(living.values())} of {CAPACITY} seats are sold"
            for customer in self.customers:
                lost = {id for id, at in customer.booked.items() if at == showtime} - living.keys()
                if lost:
                    yield f"{len(lost)} bookings that were answered 201 are gone"


class Customer:
    """Somebody who books, and cancels."""

    def __init__(self, load, number):
        self.load = load
        username, password = f"soak{number}.{secrets.token_hex(3)}", secrets.token_hex(12)
        self.credentials = {"username": username, "password": password}
        new = {**self.credentials, "firstname": "So", "lastname": "Ak"}
        self.id = load.until(201, "POST", "/users", new)["data"]["id"]
        self.token, self.until = None, 0
        #: Bookings that stand, and at which showtime.
        self.booked = {}

    def signed_in(self):
        if time.monotonic() > self.until:
            status, answer = self.load.ask("POST", "/auth/login", self.credentials)
            if status != 200:
                return False
            self.token, self.until = answer["access_token"], time.monotonic() + 300
        return True

    def book(self):
        if not self.signed_in():
            return time.sleep(0.1)
        showtime = random.choice(self.load.showtimes)
        body = {"userid": self.id, "showtimeid": showtime, "movies": self.load.films[:1], "seats": random.randint(1, 3)}
        key = {"idempotency-key": secrets.token_hex(16)}
        # As a client does that wants to know: the same again until there is an answer.
        for _ in range(50):
            status, answer = self.load.ask("POST", "/bookings", body, self.token, key, wanted={201, 409})
            if status not in IN_TROUBLE or self.load.ended.is_set():
                break
            time.sleep(0.2)
        if status == 201:
            self.booked[answer["data"]["id"]] = showtime
        self.load.ask("GET", f"/users/{self.id}/bookings", None, self.token)
        self.load.ask("GET", f"/users/{self.id}/suggested", None, self.token)
        while len(self.booked) > 3:
            booking = next(iter(self.booked))
            # What a request that was cut off has done nobody knows: it counts neither way.
            del self.booked[booking]
            self.load.ask("DELETE", f"/bookings/{booking}", None, self.token, wanted={204, 404})
