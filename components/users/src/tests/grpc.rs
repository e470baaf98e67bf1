//! The same by gRPC.

use proto::{
    BookingCancelled, ChangePasswordRequest, ChangePasswordResponse, CreateCodeRequest,
    CreateCodeResponse, CreateUserRequest, CreateUserResponse, FieldMask, GetUserRequest,
    GetUserResponse, ListSuggestionsRequest, ListSuggestionsResponse, ListUserBookingsRequest,
    ListUserBookingsResponse, ListUsersRequest, ListUsersResponse, Role, UpdateUserRequest,
    UpdateUserResponse, UserBooking, UserBookingMovie, UserBookingShowtime,
};
use service::{
    grpc::timestamp,
    testing::{Code, Message, Status},
};

use super::*;
use crate::grpc;

impl World {
    /// What staff are answered.
    fn called<P: Message + Default>(
        &self,
        name: &str,
        message: &impl Message,
    ) -> Result<P, Status> {
        let world = self.clone();
        let call = Call::method(&format!("cinema.v1.Users/{name}"), message).staff();
        run(call.unary(move || world.service(), routes, grpc::methods))
    }

    fn update(
        &self,
        id: &str,
        change: UpdateUserRequest,
        mask: &[&str],
    ) -> Result<proto::User, Status> {
        let paths: Vec<_> = mask.iter().map(|path| (*path).to_owned()).collect();
        let change = UpdateUserRequest {
            id: id.to_owned(),
            update_mask: (!paths.is_empty()).then_some(FieldMask { paths }),
            ..change
        };
        let updated: UpdateUserResponse = self.called("UpdateUser", &change)?;
        Ok(updated.user.unwrap())
    }
}

const MADE: &str = "2030-01-01T00:00:00.000Z";
const POSTER: &str = "https://posters.example/alien.jpg";

fn made() -> proto::Timestamp {
    timestamp(Moment::clamped(1_893_456_000_000))
}

/// A film with all that the contract has of one.
fn whole_film() -> Value {
    let mut film = film(1, "Alien", 8.5);
    film["minutes"] = json!(117);
    film["poster"] = json!(POSTER);
    film
}

fn ada(role: i32) -> CreateUserRequest {
    CreateUserRequest {
        username: "Ada".into(),
        firstname: "Ada".into(),
        lastname: "Lovelace".into(),
        password: PASSWORD.into(),
        role,
    }
}

#[test]
fn a_user_is_told_whole() {
    let world = World::new();
    let created: CreateUserResponse = world.called("CreateUser", &ada(0)).unwrap();
    let user = created.user.unwrap();
    let told = &world.get(&format!("/users/{}", user.id)).json["data"];
    let createdon = user.createdon.as_ref().unwrap().to_string();
    let whole = json!({
        "id": user.id, "username": user.username, "firstname": user.firstname, "lastname": user.lastname, "role": "customer",
        "createdon": createdon,
    });
    assert_eq!((told, user.role()), (&whole, Role::Customer));
    let get = GetUserRequest {
        id: user.id.clone(),
    };
    let got: GetUserResponse = world.called("GetUser", &get).unwrap();
    assert_eq!(got.user.as_ref(), Some(&user));
    let request = ListUsersRequest {
        ids: vec![user.id.clone(), id(1)],
        username: Some("AD".into()),
        ..Default::default()
    };
    let listed: ListUsersResponse = world.called("ListUsers", &request).unwrap();
    assert_eq!(
        (listed.users, listed.next_page_token.as_str()),
        (vec![user], "")
    );
}

#[test]
fn a_role_that_is_none_is_refused() {
    let world = World::new();
    let refused = |role: i32| {
        let created = world.called::<CreateUserResponse>("CreateUser", &ada(role));
        created.unwrap_err()
    };
    let unknown = refused(7);
    let told = (unknown.code(), unknown.message());
    let expected = "role has to be customer or staff";
    assert_eq!(told, (Code::InvalidArgument, expected));
    // The token's word alone makes nobody staff.
    let staff = refused(Role::Staff.into());
    assert_eq!(staff.code(), Code::PermissionDenied);
    let customer = world.called("CreateUser", &ada(Role::Customer.into()));
    let CreateUserResponse { user } = customer.unwrap();
    assert_eq!(user.unwrap().role(), Role::Customer);
    assert_eq!(refused(0).code(), Code::AlreadyExists);
}

#[test]
fn a_mask_says_what_changes() {
    let world = World::new();
    let id = world.user();
    let change = || UpdateUserRequest {
        firstname: Some("Anna".into()),
        lastname: Some("Okafor".into()),
        role: Role::Staff.into(),
        ..Default::default()
    };
    let names = |user: proto::User| (user.firstname, user.lastname, user.role);
    let changed = |firstname: &str, lastname: &str, role: Role| {
        (firstname.to_owned(), lastname.to_owned(), role as i32)
    };
    let masked = world.update(&id, change(), &["lastname"]).unwrap();
    assert_eq!(names(masked), changed("Ada", "Okafor", Role::Customer));
    for (mask, field) in [
        ("role", "role"),
        ("firstname", "firstname"),
        ("username", "username"),
    ] {
        let refused = world
            .update(&id, UpdateUserRequest::default(), &[mask])
            .unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert!(refused.message().starts_with(field), "{refused}");
    }
    let given = world.update(&id, change(), &[]).unwrap();
    assert_eq!(names(given), changed("Anna", "Okafor", Role::Staff));
    let customer = || UpdateUserRequest {
        role: Role::Customer.into(),
        ..Default::default()
    };
    let last = world.update(&id, customer(), &["role"]).unwrap_err();
    assert_eq!(last.code(), Code::FailedPrecondition);
    world.staff_user("other");
    let demoted = world.update(&id, customer(), &[]).unwrap();
    assert_eq!(names(demoted), changed("Anna", "Okafor", Role::Customer));
}

#[test]
fn passwords_are_set_and_codes_given_out() {
    let world = World::new();
    let id = world.user();
    let change = |password: &str| ChangePasswordRequest {
        id: id.clone(),
        current: None,
        password: password.into(),
    };
    let ChangePasswordResponse {} = world
        .called("ChangePassword", &change("another secret"))
        .unwrap();
    let easy = world.called::<ChangePasswordResponse>("ChangePassword", &change("aaaaaaaaaaaa"));
    assert_eq!(easy.unwrap_err().code(), Code::InvalidArgument);
    let given: CreateCodeResponse = world
        .called("CreateCode", &CreateCodeRequest { id: id.clone() })
        .unwrap();
    let code = given.code.unwrap();
    assert_eq!(code.code.len(), "7K3M-Q9TX-2B4F-WZ8C".len());
    let an_hour = code.expires.unwrap().seconds - timestamp(Moment::now()).seconds;
    assert!((3590..=3600).contains(&an_hour));
}

#[test]
fn bookings_are_told_whole() {
    let world = World::new();
    let user = world.user();
    let booking = json!({
        "id": id(900), "userid": user, "showtimeid": id(100), "movies": [id(1), id(2)], "seats": 2, "createdon": MADE,
        "films": [{"id": id(2), "title": "Low Water at Pell"}], "cancelled": {"on": MADE, "reason": "a storm"},
    });
    let mut page = list(&[booking]);
    page["next"] = json!("/bookings?whatever");
    let path = format!("/bookings?userid={user}&limit=1&after={}", id(899));
    world.bookings.answer(&path, &page);
    let showtime = json!({"id": id(100), "date": "2030-01-15", "time": "20:15", "screen": "1"});
    let path = format!("/showtimes?limit=100&ids={}", id(100));
    world.showtimes.answer(&path, &list(&[showtime]));
    let path = format!("/movies?limit=100&ids={},{}", id(1), id(2));
    world.movies.answer(&path, &list(&[whole_film()]));
    let request = ListUserBookingsRequest {
        id: user.clone(),
        page_size: 1,
        page_token: format!("after={}", id(899)),
    };
    let told: ListUserBookingsResponse = world.called("ListUserBookings", &request).unwrap();
    let booking = UserBooking {
        id: id(900),
        userid: user,
        showtime: Some(UserBookingShowtime {
            id: id(100),
            date: Some("2030-01-15".into()),
            time: Some("20:15".into()),
            screen: Some("1".into()),
        }),
        movies: vec![
            UserBookingMovie {
                id: id(1),
                title: Some("Alien".into()),
                director: Some("Somebody".into()),
                rating: Some(8.5),
                minutes: Some(117),
                poster: Some(POSTER.into()),
                createdon: Some(made()),
            },
            UserBookingMovie {
                id: id(2),
                title: Some("Low Water at Pell".into()),
                ..Default::default()
            },
        ],
        seats: 2,
        cancelled: Some(BookingCancelled {
            on: Some(made()),
            reason: "a storm".into(),
        }),
        createdon: Some(made()),
    };
    assert_eq!(told.bookings, [booking]);
    assert_eq!(told.next_page_token, format!("after={}", id(900)));
}

#[test]
fn suggestions_are_told_whole() {
    let world = World::new();
    let user = world.user();
    let [of_bookings, of_showtimes, of_movies] = suggestions::first_asked(&user);
    world.bookings.answer(&of_bookings, &list(&[]));
    world.showtimes.answer(&of_showtimes, &list(&[]));
    let films = list(&[whole_film(), film(2, "Brazil", 7.9)]);
    world.movies.answer(&of_movies, &films);
    let suggested = |page_size| {
        let request = ListSuggestionsRequest {
            id: user.clone(),
            page_size,
        };
        let told = world.called("ListSuggestions", &request);
        told.map(|ListSuggestionsResponse { suggestions }| suggestions)
    };
    let suggestion = proto::Suggestion {
        movie: Some(proto::Movie {
            id: id(1),
            title: "Alien".into(),
            director: "Somebody".into(),
            rating: 8.5,
            minutes: Some(117),
            poster: Some(POSTER.into()),
            createdon: Some(made()),
        }),
        score: 0.85,
        reason: "0 booked, 0 showings".into(),
    };
    assert_eq!(suggested(1).unwrap(), [suggestion]);
    assert_eq!(suggested(0).unwrap().len(), 2);
    let refused = suggested(21).unwrap_err();
    let told = (refused.code(), refused.message());
    let expected = "page_size: give a whole number from 1 to 20";
    assert_eq!(told, (Code::InvalidArgument, expected));
}
