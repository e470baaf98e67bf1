//! The methods of `cinema.v1.Bookings`: of which route each is, and how both say the same.

use proto::{
    BookingCancelled, BookingCheckedIn, BookingFilm, CheckInRequest, CheckInResponse,
    CloseShowtimeRequest, CloseShowtimeResponse, CreateBookingRequest, CreateBookingResponse,
    DeleteBookingRequest, DeleteBookingResponse, DeleteBookingsRequest, DeleteBookingsResponse,
    GetBookingRequest, GetBookingResponse, GetReportRequest, GetReportResponse,
    ListAvailabilityRequest, ListAvailabilityResponse, ListBookingsRequest, ListBookingsResponse,
    ListGuestsRequest, ListGuestsResponse, ReportDay, ReportFilm, ReportHour, SetTermsRequest,
    SetTermsResponse, TakeCheckInBackRequest, TakeCheckInBackResponse,
};
use service::{
    Id,
    grpc::{Call, Methods, timestamp},
};

use crate::{
    availability::Availability,
    guests::{Customer, Guest},
    model::{Booking, Cancelled, CheckedIn, Film},
    report::{OfDay, OfFilm, OfHour, Report},
};

pub fn methods(methods: &mut Methods) {
    methods.page("ListBookings", list, |bookings, next_page_token| {
        let bookings = bookings.into_iter().map(booking).collect();
        ListBookingsResponse {
            bookings,
            next_page_token,
        }
    });
    methods.one("GetBooking", get, |one| GetBookingResponse {
        booking: Some(booking(one)),
    });
    methods.one("CreateBooking", create, |one| CreateBookingResponse {
        booking: Some(booking(one)),
    });
    methods.unary("DeleteBooking", delete, |()| DeleteBookingResponse {});
    methods.unary("DeleteBookings", delete_all, |()| DeleteBookingsResponse {});
    methods.page("ListAvailability", available, |showtimes, _| {
        let availability = showtimes.into_iter().map(availability).collect();
        ListAvailabilityResponse { availability }
    });
    methods.one("CheckIn", check_in, |one| CheckInResponse {
        booking: Some(booking(one)),
    });
    methods.one("TakeCheckInBack", take_check_in_back, |one| {
        TakeCheckInBackResponse {
            booking: Some(booking(one)),
        }
    });
    methods.page("ListGuests", guests, |guests, next_page_token| {
        let guests = guests.into_iter().map(guest).collect();
        ListGuestsResponse {
            guests,
            next_page_token,
        }
    });
    methods.one("GetReport", sold, |sold| GetReportResponse {
        report: Some(report(sold)),
    });
    methods.unary("SetTerms", set_terms, |()| SetTermsResponse {});
    methods.unary("CloseShowtime", close, |()| CloseShowtimeResponse {});
}

fn list(asked: ListBookingsRequest) -> Call {
    Call::get("/bookings")
        .query("userid", asked.userid)
        .query("showtimeid", asked.showtimeid)
        .several("movies", asked.movies)
        .query("order", asked.order)
        .page(asked.page_size, asked.page_token)
}

fn get(asked: GetBookingRequest) -> Call {
    Call::get("/bookings/:id").param("id", asked.id)
}

fn create(asked: CreateBookingRequest) -> Call {
    Call::post("/bookings")
        .given("userid", asked.userid)
        .field("showtimeid", asked.showtimeid)
        .field("movies", asked.movies)
        .given("seats", asked.seats)
}

fn delete(asked: DeleteBookingRequest) -> Call {
    Call::delete("/bookings/:id").param("id", asked.id)
}

fn delete_all(asked: DeleteBookingsRequest) -> Call {
    Call::delete("/bookings").query("userid", Some(asked.userid))
}

fn available(asked: ListAvailabilityRequest) -> Call {
    Call::get("/bookings/availability").several("showtimeids", asked.showtimeids)
}

fn check_in(asked: CheckInRequest) -> Call {
    Call::post("/bookings/:id/checkin").param("id", asked.id)
}

fn take_check_in_back(asked: TakeCheckInBackRequest) -> Call {
    Call::delete("/bookings/:id/checkin").param("id", asked.id)
}

fn guests(asked: ListGuestsRequest) -> Call {
    Call::get("/bookings/guests/:id")
        .param("id", asked.id)
        .page(0, asked.page_token)
}

fn sold(asked: GetReportRequest) -> Call {
    Call::get("/bookings/report")
        .query("from", Some(asked.from))
        .query("to", Some(asked.to))
}

fn set_terms(asked: SetTermsRequest) -> Call {
    Call::put("/bookings/terms/:id")
        .param("id", asked.id)
        .given("revision", asked.revision)
        .given("capacity", asked.capacity)
        .field("movies", asked.movies)
}

fn close(asked: CloseShowtimeRequest) -> Call {
    Call::delete("/bookings/terms/:id")
        .param("id", asked.id)
        .flag("cancel_bookings", asked.cancel_bookings)
}

fn booking(booking: Booking) -> proto::Booking {
    proto::Booking {
        id: booking.id.to_string(),
        userid: booking.userid.to_string(),
        showtimeid: booking.showtimeid.to_string(),
        movies: booking.movies.iter().map(Id::to_string).collect(),
        seats: booking.seats,
        date: booking.date.map(|date| date.to_string()),
        time: booking.time.map(|time| time.to_string()),
        screen: booking.screen,
        films: booking.films.into_iter().map(film).collect(),
        cancelled: booking.cancelled.map(cancelled),
        checkedin: booking.checkedin.map(checked_in),
        createdon: Some(timestamp(booking.createdon)),
    }
}

fn film(film: Film) -> BookingFilm {
    BookingFilm {
        id: film.id.to_string(),
        title: film.title,
    }
}

fn cancelled(cancelled: Cancelled) -> BookingCancelled {
    BookingCancelled {
        on: Some(timestamp(cancelled.on)),
        reason: cancelled.reason,
    }
}

fn checked_in(checkedin: CheckedIn) -> BookingCheckedIn {
    BookingCheckedIn {
        on: Some(timestamp(checkedin.on)),
        by: checkedin.by.to_string(),
    }
}

fn availability(seats: Availability) -> proto::Availability {
    proto::Availability {
        showtimeid: seats.showtimeid.to_string(),
        capacity: seats.capacity,
        left: seats.left,
    }
}

fn guest(guest: Guest) -> proto::Guest {
    proto::Guest {
        booking: Some(booking(guest.booking)),
        user: guest.user.map(customer),
    }
}

fn customer(user: Customer) -> proto::Customer {
    proto::Customer {
        id: user.id.to_string(),
        username: user.username,
        firstname: user.firstname,
        lastname: user.lastname,
    }
}

fn report(report: Report) -> proto::Report {
    proto::Report {
        from: report.from.to_string(),
        to: report.to.to_string(),
        days: report.days.into_iter().map(day).collect(),
        films: report.films.into_iter().map(sold_of).collect(),
        hours: report.hours.into_iter().map(hour).collect(),
    }
}

fn day(day: OfDay) -> ReportDay {
    ReportDay {
        date: day.date.to_string(),
        // A report is of two thousand showtimes at the most.
        showtimes: day.showtimes as i32,
        seats: day.seats,
    }
}

fn sold_of(film: OfFilm) -> ReportFilm {
    ReportFilm {
        id: film.id.to_string(),
        seats: film.seats,
    }
}

fn hour(hour: OfHour) -> ReportHour {
    ReportHour {
        weekday: hour.weekday.into(),
        hour: hour.hour.into(),
        showtimes: hour.showtimes as i32,
        capacity: hour.capacity,
        seats: hour.seats,
    }
}
