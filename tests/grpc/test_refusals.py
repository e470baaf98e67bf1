"""Calls that are refused: each status, and the details that grpcio-status reads."""

import grpc
import pytest

import host
from host import Cinema, auth, auth_grpc, movies, movies_grpc, refused, showtimes, showtimes_grpc, tag

Code = grpc.StatusCode
NOBODY = "0" * 24


def test_who_may(cinema):
    _, person = cinema.signs_up()
    request = movies.DeleteMovieRequest(id=NOBODY)
    for channel, code, reason in [
        (cinema.channel, Code.UNAUTHENTICATED, "NOT_SIGNED_IN"),
        (cinema.connected("x.y.z"), Code.UNAUTHENTICATED, "INVALID_TOKEN"),
        (cinema.connected(cinema.token(person)), Code.PERMISSION_DENIED, "NOT_ALLOWED"),
    ]:
        told = refused(movies_grpc.MoviesStub(channel).DeleteMovie, request)
        assert (told.code, told.ErrorInfo.reason, told.ErrorInfo.domain) == (code, reason, "cinema.v1")


@pytest.mark.parametrize(("service", "method", "fields", "faults"), [
    ("movies", "CreateMovie", {"title": "", "director": "x" * 201, "minutes": 0}, ["director", "minutes", "rating", "title"]),
    ("movies", "UpdateMovie", {"id": NOBODY, "rating": 11}, ["rating"]),
    ("movies", "ListMovies", {"page_size": 101}, ["page_size"]),
    ("movies", "GetMovie", {"id": "x"}, ["id"]),
    ("showtimes", "CreateShowtime", {"date": "2020-02-30", "movies": ["x"]}, ["date", "movies"]),
    ("showtimes", "ListShowtimes", {"date": "x"}, ["date"]),
    ("bookings", "CreateBooking", {"showtimeid": "x", "seats": 21}, ["movies", "seats", "showtimeid"]),
    ("users", "CreateUser", {"username": "a b", "password": "short"}, ["firstname", "lastname", "password", "username"]),
    ("auth", "Login", {}, ["password", "username"]),
])
def test_faults_are_told_by_field(staff, service, method, fields, faults):
    stub = getattr(getattr(host, f"{service}_grpc"), f"{service.title()}Stub")(staff)
    told = refused(getattr(stub, method), getattr(getattr(host, service), f"{method}Request")(**fields))
    assert (told.code, told.faults()) == (Code.INVALID_ARGUMENT, faults)
    assert all(violation.description for violation in told.BadRequest.field_violations)


def test_a_name_is_taken_once(cinema):
    _, person = cinema.signs_up()
    assert refused(cinema.signs_up, **person).code == Code.ALREADY_EXISTS


def test_who_guesses_waits(cinema):
    guess = auth.LoginRequest(username=tag(), password="a wrong one")
    login = auth_grpc.AuthStub(cinema.channel).Login
    assert {refused(login, guess).code for _ in range(5)} == {Code.UNAUTHENTICATED}
    told = refused(login, guess)
    assert (told.code, told.RetryInfo.retry_delay.seconds > 0) == (Code.RESOURCE_EXHAUSTED, True)


def test_without_a_sibling():
    with Cinema(movies_url="http://127.0.0.1:1") as cinema:
        create = showtimes_grpc.ShowtimesStub(cinema.connected(cinema.staff())).CreateShowtime
        told = refused(create, showtimes.CreateShowtimeRequest(date="2030-01-01", movies=[NOBODY]))
    assert (told.code, told.RetryInfo.retry_delay.seconds > 0) == (Code.UNAVAILABLE, True)
    assert "movies" in told.text


@pytest.mark.parametrize(("method", "message", "options", "code"), [
    ("Movies/GetMovie", b"\xff\xff", {}, Code.INTERNAL),
    ("Movies/Nothing", b"", {}, Code.UNIMPLEMENTED),
    ("Nothing/GetMovie", b"", {}, Code.UNIMPLEMENTED),
    ("Movies/GetMovie", bytes(1 << 20), {}, Code.RESOURCE_EXHAUSTED),
    ("Movies/GetMovie", b"\x0a\x64" + b"x" * 100, {"compression": grpc.Compression.Gzip}, Code.UNIMPLEMENTED),
    # The first is HTTP's 431, the second ends its connection.
    ("Movies/GetMovie", b"", {"metadata": [("x-large", "x" * (1 << 16))]}, Code.UNKNOWN),
    ("Movies/GetMovie", b"", {"metadata": [("x-large", "x" * (1 << 22))]}, Code.UNAVAILABLE),
])
def test_calls_that_are_none(cinema, method, message, options, code):
    channel = cinema.connected()
    call = channel.unary_unary(f"/cinema.v1.{method}", request_serializer=bytes, response_deserializer=bytes)
    assert refused(call, message, timeout=60, **options).code == code
    assert movies_grpc.MoviesStub(channel).ListMovies(movies.ListMoviesRequest(page_size=1), timeout=60).movies
