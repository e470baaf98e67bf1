//! By gRPC: what HTTP's tests don't see.

use bson::doc;
use proto::{
    BookingCancelled, BookingCheckedIn, BookingFilm, CheckInRequest, CheckInResponse,
    CloseShowtimeRequest, CloseShowtimeResponse, CreateBookingRequest, CreateBookingResponse,
    Customer, DeleteBookingRequest, DeleteBookingResponse, DeleteBookingsRequest,
    DeleteBookingsResponse, GetBookingRequest, GetBookingResponse, GetReportRequest,
    GetReportResponse, ListAvailabilityRequest, ListAvailabilityResponse, ListBookingsRequest,
    ListBookingsResponse, ListGuestsRequest, ListGuestsResponse, ReportDay, ReportFilm, ReportHour,
    SetTermsRequest, SetTermsResponse, TakeCheckInBackRequest, TakeCheckInBackResponse,
};
use serde_json::json;
use service::{
    Clock, Moment,
    grpc::timestamp,
    testing::{Call, Code, Message, Status, run},
};

use super::{access::Counter, *};
use crate::{grpc, handlers::Bookings, routes, storage::Storage};

impl Counter {
    fn call<P: Message + Default>(&self, call: Call) -> Result<P, Status> {
        let (memory, titles) = (self.memory.clone(), self.titles.clone());
        let showtimes = self.showtimes.clone();
        let (movies, users) = (self.movies.clone(), self.users.clone());
        let service = move || Bookings {
            storage: Storage::new(memory.client(), Moment::now),
            showtimes: showtimes.sibling(),
            movies: movies.sibling(),
            users: users.sibling(),
            clock: Clock::new("Europe/Berlin", Moment::now).unwrap(),
            titles: titles.clone(),
        };
        run(call.unary(service, routes, grpc::methods))
    }

    fn ask<P: Message + Default>(&self, name: &str, message: &impl Message) -> Result<P, Status> {
        self.call(method(name, message).staff())
    }

    fn wanted(&self) -> CreateBookingRequest {
        CreateBookingRequest {
            showtimeid: self.showtime.to_string(),
            movies: vec![self.movie.to_string()],
            ..CreateBookingRequest::default()
        }
    }

    /// The showtime's programme, as a sibling is asked for it.
    fn tell_of_it(&self, path: &str) {
        let shown = json!({"id": self.showtime.to_string(), "date": "2030-01-15", "time": "20:15", "movies": [self.movie.to_string()], "capacity": 9});
        self.showtimes.answer(path, &json!({"data": [shown]}));
    }
}

fn method(name: &str, message: &impl Message) -> Call {
    Call::method(&format!("cinema.v1.Bookings/{name}"), message)
}

#[test]
fn a_key_in_the_metadata_books_once() {
    let counter = Counter::new();
    let customer = Id::new();
    let book = |seats, key: &str| {
        let wanted = CreateBookingRequest {
            seats,
            ..counter.wanted()
        };
        let call = method("CreateBooking", &wanted).header("idempotency-key", key);
        let made: CreateBookingResponse = counter.call(call.customer(customer))?;
        Ok::<_, Status>(made.booking.unwrap())
    };
    let first = book(None, "k").unwrap();
    assert_eq!((first.seats, &first.userid), (1, &customer.to_string()));
    assert_eq!(book(None, "k").unwrap(), first);
    assert_ne!(book(None, "l").unwrap().id, first.id);
    for (seats, key) in [(Some(2), "k"), (None, "")] {
        let refused = book(seats, key).unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{key}");
    }
    let sold_out = book(Some(8), "m").unwrap_err();
    assert_eq!(sold_out.code(), Code::FailedPrecondition);
    assert_eq!(counter.memory.documents("bookings").len(), 2);
}

#[test]
fn a_booking_goes_round_whole() {
    let counter = Counter::new();
    let (id, user, film, now) = (Id::new(), Id::new(), counter.movie, Moment::now());
    let document = doc! {
        "_id": id, "userid": user, "showtimeid": counter.showtime, "movies": [film], "seats": 2,
        "date": "2030-01-15", "time": "20:15", "screen": "Screen 1",
        "films": [{"id": film, "title": "The Tide Table"}],
        "cancelled": {"on": Moment::clamped(5), "reason": "the showtime was cancelled"},
        "checkedin": {"on": now, "by": user}, "createdon": Moment::clamped(-1),
    };
    counter.memory.put("bookings", document);
    let expected = proto::Booking {
        id: id.to_string(),
        userid: user.to_string(),
        showtimeid: counter.showtime.to_string(),
        movies: vec![film.to_string()],
        seats: 2,
        date: Some("2030-01-15".into()),
        time: Some("20:15".into()),
        screen: Some("Screen 1".into()),
        films: vec![BookingFilm {
            id: film.to_string(),
            title: "The Tide Table".into(),
        }],
        cancelled: Some(BookingCancelled {
            on: Some(timestamp(Moment::clamped(5))),
            reason: "the showtime was cancelled".into(),
        }),
        checkedin: Some(BookingCheckedIn {
            on: Some(timestamp(now)),
            by: user.to_string(),
        }),
        createdon: Some(timestamp(Moment::clamped(-1))),
    };
    let asked = GetBookingRequest { id: id.to_string() };
    let call = |customer| method("GetBooking", &asked).customer(customer);
    let read: GetBookingResponse = counter.call(call(user)).unwrap();
    assert_eq!(read.booking.as_ref(), Some(&expected));
    let other = counter.call::<GetBookingResponse>(call(Id::new()));
    assert_eq!(other.unwrap_err().code(), Code::NotFound);

    let ada = json!({"id": user.to_string(), "username": "ada", "firstname": "Ada", "lastname": "Marlow"});
    counter.users.answer(
        &format!("/users?limit=100&ids={user}"),
        &json!({"data": [ada]}),
    );
    let asked = ListGuestsRequest {
        id: counter.showtime.to_string(),
        ..ListGuestsRequest::default()
    };
    let listed: ListGuestsResponse = counter.ask("ListGuests", &asked).unwrap();
    let guest = listed.guests[0].clone();
    assert_eq!(guest.booking, Some(expected));
    let ada = Customer {
        id: user.to_string(),
        username: "ada".into(),
        firstname: "Ada".into(),
        lastname: "Marlow".into(),
    };
    assert_eq!(guest.user, Some(ada));
}

#[test]
fn lists_go_on_where_a_page_ends() {
    let counter = Counter::new();
    let mut ids: Vec<Id> = (0..1001).map(|_| Id::new()).collect();
    ids.sort_unstable();
    for id in &ids {
        let booking = doc! {"_id": id, "userid": id, "showtimeid": counter.showtime, "movies": [counter.movie], "seats": 1, "createdon": Moment::now()};
        counter.memory.put("bookings", booking);
    }
    for portion in ids.chunks(100) {
        let portion: Vec<_> = portion.iter().map(Id::to_string).collect();
        let path = format!("/users?limit=100&ids={}", portion.join(","));
        counter.users.answer(&path, &json!({"data": []}));
    }
    let ids: Vec<String> = ids.iter().map(Id::to_string).collect();
    let mut asked = ListGuestsRequest {
        id: counter.showtime.to_string(),
        ..ListGuestsRequest::default()
    };
    let whole: ListGuestsResponse = counter.ask("ListGuests", &asked).unwrap();
    assert_eq!(whole.guests.len(), 1000);
    asked.page_token = whole.next_page_token;
    let rest: ListGuestsResponse = counter.ask("ListGuests", &asked).unwrap();
    assert_eq!((rest.guests.len(), rest.next_page_token.as_str()), (1, ""));
    let guests = whole.guests.into_iter().chain(rest.guests);
    let guests = guests.map(|guest| guest.booking.unwrap().id);
    assert_eq!(guests.collect::<Vec<_>>(), ids);

    let mut asked = ListBookingsRequest {
        order: Some("newest".into()),
        showtimeid: Some(counter.showtime.to_string()),
        movies: vec![counter.movie.to_string(), Id::new().to_string()],
        page_size: 2,
        ..ListBookingsRequest::default()
    };
    for page in ids.rchunks(2).take(2) {
        let listed: ListBookingsResponse = counter.ask("ListBookings", &asked).unwrap();
        let listed_ids = listed.bookings.iter().map(|booking| &booking.id);
        assert!(listed_ids.eq(page.iter().rev()));
        asked.page_token = listed.next_page_token;
    }
}

#[test]
fn guests_are_let_in_once_by_grpc_too() {
    let counter = Counter::new();
    let made: CreateBookingResponse = counter.ask("CreateBooking", &counter.wanted()).unwrap();
    let id = made.booking.unwrap().id;
    let asked = CheckInRequest { id: id.clone() };
    let check_in = || counter.ask::<CheckInResponse>("CheckIn", &asked);
    assert!(check_in().unwrap().booking.unwrap().checkedin.is_some());
    assert_eq!(check_in().unwrap_err().code(), Code::FailedPrecondition);
    let cancel = || {
        let asked = DeleteBookingRequest { id: id.clone() };
        counter.ask::<DeleteBookingResponse>("DeleteBooking", &asked)
    };
    assert_eq!(cancel().unwrap_err().code(), Code::FailedPrecondition);
    let back: TakeCheckInBackResponse = counter
        .ask(
            "TakeCheckInBack",
            &TakeCheckInBackRequest { id: id.clone() },
        )
        .unwrap();
    assert_eq!(back.booking.unwrap().checkedin, None);
    cancel().unwrap();
    assert_eq!(cancel().unwrap_err().code(), Code::NotFound);
}

#[test]
fn seats_and_sales_are_told() {
    let counter = Counter::new();
    let wanted = CreateBookingRequest {
        seats: Some(4),
        ..counter.wanted()
    };
    let _: CreateBookingResponse = counter.ask("CreateBooking", &wanted).unwrap();
    let (showtime, unknown) = (counter.showtime.to_string(), Id::new().to_string());
    counter.tell_of_it(&format!("/showtimes?limit=100&ids={unknown},{showtime}"));
    let asked = ListAvailabilityRequest {
        showtimeids: vec![unknown, showtime.clone()],
    };
    let seats: ListAvailabilityResponse = counter.ask("ListAvailability", &asked).unwrap();
    let expected = proto::Availability {
        showtimeid: showtime,
        capacity: Some(9),
        left: Some(5),
    };
    assert_eq!(seats.availability, [expected]);

    counter.tell_of_it("/showtimes?from=2030-01-15&to=2030-01-15&limit=100");
    let day = "2030-01-15".to_owned();
    let asked = GetReportRequest {
        from: day.clone(),
        to: day.clone(),
    };
    let told: GetReportResponse = counter.ask("GetReport", &asked).unwrap();
    let expected = proto::Report {
        from: day.clone(),
        to: day.clone(),
        days: vec![ReportDay {
            date: day,
            showtimes: 1,
            seats: 4,
        }],
        films: vec![ReportFilm {
            id: counter.movie.to_string(),
            seats: 4,
        }],
        hours: vec![ReportHour {
            weekday: 2,
            hour: 20,
            showtimes: 1,
            capacity: 9,
            seats: 4,
        }],
    };
    assert_eq!(told.report, Some(expected));
}

#[test]
fn what_has_to_be_given_is_asked_for_by_its_name() {
    let counter = Counter::new();
    let terms = SetTermsRequest {
        id: counter.showtime.to_string(),
        movies: vec![counter.movie.to_string()],
        ..SetTermsRequest::default()
    };
    let refused = [
        (
            "revision",
            counter.ask::<SetTermsResponse>("SetTerms", &terms).err(),
        ),
        (
            "userid",
            counter
                .ask::<DeleteBookingsResponse>("DeleteBookings", &DeleteBookingsRequest::default())
                .err(),
        ),
        (
            "showtimeids",
            counter
                .ask::<ListAvailabilityResponse>(
                    "ListAvailability",
                    &ListAvailabilityRequest::default(),
                )
                .err(),
        ),
        (
            "from",
            counter
                .ask::<GetReportResponse>("GetReport", &GetReportRequest::default())
                .err(),
        ),
    ];
    for (name, refused) in refused {
        let refused = refused.unwrap();
        assert_eq!(refused.code(), Code::InvalidArgument, "{name}");
        let details = String::from_utf8_lossy(refused.details());
        assert!(details.contains(name), "{name}: {refused}");
    }
}

#[test]
fn a_showtime_is_sold_on_other_terms_and_closed() {
    let counter = Counter::new();
    let wanted = counter.wanted();
    let book = || counter.ask::<CreateBookingResponse>("CreateBooking", &wanted);
    book().unwrap();
    let terms = |revision, capacity| SetTermsRequest {
        id: wanted.showtimeid.clone(),
        revision: Some(revision),
        capacity: Some(capacity),
        movies: wanted.movies.clone(),
    };
    let set = |terms| counter.ask::<SetTermsResponse>("SetTerms", &terms);
    set(terms(2, 1)).unwrap();
    assert_eq!(book().unwrap_err().code(), Code::FailedPrecondition);
    let stale = set(terms(1, 5)).unwrap_err();
    assert_eq!(stale.code(), Code::FailedPrecondition);
    let close = |cancel_bookings| {
        let asked = CloseShowtimeRequest {
            id: wanted.showtimeid.clone(),
            cancel_bookings,
        };
        counter.ask::<CloseShowtimeResponse>("CloseShowtime", &asked)
    };
    assert_eq!(close(false).unwrap_err().code(), Code::FailedPrecondition);
    close(true).unwrap();
    assert_eq!(close(false).err().map(|refused| refused.to_string()), None);
}
