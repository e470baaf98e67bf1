"""Good calls, as grpcio makes them with stubs of the contract."""

import concurrent.futures
import datetime

import grpc
import pytest

from host import auth, auth_grpc, bookings, bookings_grpc, movies, movies_grpc, showtimes, showtimes_grpc, tag, users, users_grpc
from host import refused

Code = grpc.StatusCode
TOMORROW = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)).date().isoformat()


@pytest.fixture
def films(staff):
    return movies_grpc.MoviesStub(staff)


def pages(method, request, field):
    """All of a list, a few at a time."""
    found = []
    while True:
        page = method(request)
        found += getattr(page, field)
        if not page.next_page_token:
            return found
        request.page_token = page.next_page_token


def test_a_film_from_its_beginning_to_its_end(films):
    film = films.CreateMovie(movies.CreateMovieRequest(title="Ω 🎬", director="Ada", rating=0)).movie
    assert (film.rating, film.HasField("minutes"), film.createdon.seconds > 0) == (0, False, True)
    films.UpdateMovie(movies.UpdateMovieRequest(id=film.id, minutes=90))
    film = films.UpdateMovie(movies.UpdateMovieRequest(id=film.id, rating=7.5, update_mask={"paths": ["minutes", "rating"]})).movie
    assert (film.title, film.rating, film.HasField("minutes")) == ("Ω 🎬", 7.5, False)
    assert films.GetMovie(movies.GetMovieRequest(id=film.id)).movie == film
    films.DeleteMovie(movies.DeleteMovieRequest(id=film.id))
    assert refused(films.GetMovie, movies.GetMovieRequest(id=film.id)).code == Code.NOT_FOUND


def test_an_evening(cinema, staff, films):
    film = films.CreateMovie(movies.CreateMovieRequest(title="Night", director=tag(), rating=9, minutes=100)).movie
    programme = showtimes_grpc.ShowtimesStub(staff)
    evening = showtimes.CreateShowtimeRequest(date=TOMORROW, time="23:15", screen=tag(), movies=[film.id], capacity=3)
    showtime = programme.CreateShowtime(evening).showtime
    assert (showtime.time, showtime.minutes, showtime.revision) == ("23:15", 100, 0)
    assert refused(programme.CreateShowtime, evening).code == Code.FAILED_PRECONDITION
    showtime = programme.UpdateShowtime(showtimes.UpdateShowtimeRequest(id=showtime.id, capacity=2)).showtime
    assert [one.showtime for one in programme.StreamShowtimes(showtimes.StreamShowtimesRequest(movie=film.id))] == [showtime]

    userid, person = cinema.signs_up()
    customer = cinema.connected(cinema.token(person))
    sold = bookings_grpc.BookingsStub(customer)
    two = bookings.CreateBookingRequest(showtimeid=showtime.id, movies=[film.id], seats=2)
    key = [("idempotency-key", tag())]
    booking = sold.CreateBooking(two, metadata=key).booking
    assert (booking.userid, booking.films[0].title, booking.HasField("checkedin")) == (userid, "Night", False)
    assert sold.CreateBooking(two, metadata=key).booking == booking
    assert refused(sold.CreateBooking, two).code == Code.FAILED_PRECONDITION
    assert sold.ListBookings(bookings.ListBookingsRequest()).bookings == [booking]
    (seats,) = sold.ListAvailability(bookings.ListAvailabilityRequest(showtimeids=[showtime.id])).availability
    assert (seats.capacity, seats.left) == (2, 0)

    of_staff = bookings_grpc.BookingsStub(staff)
    assert of_staff.CheckIn(bookings.CheckInRequest(id=booking.id)).booking.checkedin.by
    (guest,) = of_staff.ListGuests(bookings.ListGuestsRequest(id=showtime.id)).guests
    assert (guest.booking.id, guest.user.username) == (booking.id, person["username"])
    assert refused(sold.DeleteBooking, bookings.DeleteBookingRequest(id=booking.id)).code == Code.FAILED_PRECONDITION
    of_staff.TakeCheckInBack(bookings.TakeCheckInBackRequest(id=booking.id))
    report = of_staff.GetReport(bookings.GetReportRequest(**{"from": TOMORROW, "to": TOMORROW})).report
    assert film.id in [sold.id for sold in report.films]
    own = users_grpc.UsersStub(customer)
    (mine,) = own.ListUserBookings(users.ListUserBookingsRequest(id=userid)).bookings
    assert (mine.id, mine.showtime.screen, mine.movies[0].title) == (booking.id, showtime.screen, "Night")
    assert own.ListSuggestions(users.ListSuggestionsRequest(id=userid, page_size=3)).suggestions[0].reason

    sold.DeleteBooking(bookings.DeleteBookingRequest(id=booking.id))
    assert refused(sold.GetBooking, bookings.GetBookingRequest(id=booking.id)).code == Code.NOT_FOUND
    programme.DeleteShowtime(showtimes.DeleteShowtimeRequest(id=showtime.id, cancel_bookings=True))


def test_a_session(cinema, staff):
    userid, person = cinema.signs_up()
    door = auth_grpc.AuthStub(cinema.channel)
    tokens = door.Login(auth.LoginRequest(**person))
    tokens = door.Refresh(auth.RefreshRequest(refresh_token=tokens.refresh_token))
    customer = cinema.connected(tokens.access_token)
    mine, people = auth_grpc.AuthStub(customer), users_grpc.UsersStub(customer)
    assert mine.GetMe(auth.GetMeRequest()).user == people.GetUser(users.GetUserRequest(id=userid)).user
    assert [session.current for session in mine.ListSessions(auth.ListSessionsRequest()).sessions] == [True]
    user = people.UpdateUser(users.UpdateUserRequest(id=userid, lastname="Lovelace")).user
    assert (user.lastname, user.role) == ("Lovelace", users.ROLE_CUSTOMER)

    code = users_grpc.UsersStub(staff).CreateCode(users.CreateCodeRequest(id=userid)).code.code
    door.Reset(auth.ResetRequest(username=person["username"], code=code, password="another secret of mine"))
    assert refused(door.Refresh, auth.RefreshRequest(refresh_token=tokens.refresh_token)).code == Code.UNAUTHENTICATED
    assert refused(door.Login, auth.LoginRequest(**person)).code == Code.UNAUTHENTICATED
    assert door.ListKeys(auth.ListKeysRequest()).keys[0].kty == "OKP"

    call = door.Login.with_call(auth.LoginRequest(username=person["username"], password="another secret of mine", cookies=True))
    tokens, call = call
    cookies = [value for name, value in call.initial_metadata() if name == "set-cookie"]
    assert cookies and all("HttpOnly" in cookie or "csrf" in cookie for cookie in cookies) and tokens.csrf_token
    people.DeleteUser(users.DeleteUserRequest(id=userid))


@pytest.mark.parametrize("name", ["Movies", "Showtimes"])
def test_pages_and_streams_are_the_same_list(cinema, name):
    module, stubs = (movies, movies_grpc) if name == "Movies" else (showtimes, showtimes_grpc)
    stub, field = getattr(stubs, f"{name}Stub")(cinema.channel), name.lower()
    # Other tests make films and showtimes: none of these.
    bounds = {"max_rating": 5.9} if name == "Movies" else {"from": TOMORROW, "to": TOMORROW}
    listed = pages(getattr(stub, f"List{name}"), getattr(module, f"List{name}Request")(page_size=2, **bounds), field)
    streamed = getattr(stub, f"Stream{name}")(getattr(module, f"Stream{name}Request")(**bounds))
    assert len(listed) > 2 and listed == [getattr(one, field[:-1]) for one in streamed]


def test_64_streams_of_one_connection(cinema):
    stub = movies_grpc.MoviesStub(cinema.channel)
    request = movies.StreamMoviesRequest(max_rating=8.2)
    streams = [stub.StreamMovies(request) for _ in range(64)]
    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        got = list(pool.map(list, streams))
    assert got[0] and all(one == got[0] for one in got)


def test_a_deadline(cinema):
    stub, (_, person) = movies_grpc.MoviesStub(cinema.channel), cinema.signs_up()
    login = auth_grpc.AuthStub(cinema.channel).Login
    # A password takes longer than that, by design.
    assert refused(login, auth.LoginRequest(**person), timeout=0.001).code == Code.DEADLINE_EXCEEDED
    assert login(auth.LoginRequest(**person), timeout=60).access_token
    assert list(stub.StreamMovies(movies.StreamMoviesRequest(), timeout=60))


def test_what_is_cancelled_leaves_its_connection_well(cinema):
    stub = movies_grpc.MoviesStub(cinema.channel)
    for _ in range(20):
        stream = stub.StreamMovies(movies.StreamMoviesRequest())
        next(stream)
        stream.cancel()
        assert stream.code() == Code.CANCELLED
        call = stub.ListMovies.future(movies.ListMoviesRequest())
        call.cancel()
        assert call.cancelled()
    assert stub.ListMovies(movies.ListMoviesRequest(page_size=1)).movies
