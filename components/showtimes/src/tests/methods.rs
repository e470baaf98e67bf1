//! By gRPC: what HTTP's tests don't see.

use proto::{
    CreateShowtimeRequest, CreateShowtimeResponse, DeleteShowtimeRequest, DeleteShowtimeResponse,
    FieldMask, GetShowtimeRequest, GetShowtimeResponse, ListShowtimesRequest,
    ListShowtimesResponse, StreamShowtimesRequest, StreamShowtimesResponse, UpdateShowtimeRequest,
    UpdateShowtimeResponse,
};
use service::testing::{Code, Message, Status};

use super::*;
use crate::grpc;

impl Programme {
    fn stream<P: Message + Default>(
        &self,
        name: &str,
        message: &impl Message,
    ) -> Result<Vec<P>, Status> {
        let (memory, zone) = (self.memory.clone(), self.zone);
        let (movies, bookings) = (self.movies.clone(), self.bookings.clone());
        let service = move || Showtimes {
            storage: Storage::new(memory.client(), clock(zone)),
            movies: movies.sibling(),
            bookings: bookings.sibling(),
        };
        let call = Call::method(&format!("cinema.v1.Showtimes/{name}"), message);
        run(call.staff().stream(service, routes, grpc::methods))
    }

    fn ask<P: Message + Default>(&self, name: &str, message: &impl Message) -> Result<P, Status> {
        self.stream(name, message)
            .map(|mut messages| messages.pop().unwrap())
    }

    fn update(&self, request: &UpdateShowtimeRequest) -> Result<proto::Showtime, Status> {
        let changed: UpdateShowtimeResponse = self.ask("UpdateShowtime", request)?;
        Ok(changed.showtime.unwrap())
    }
}

fn mask(paths: &[&str]) -> Option<FieldMask> {
    let paths = paths.iter().map(|path| path.to_string()).collect();
    Some(FieldMask { paths })
}

#[test]
fn pages_follow_one_another_whatever_screens_are_called() {
    let programme = Programme::new();
    let film = programme.film(None).to_hex();
    for screen in [
        "A & B=C",
        "50% @ 2+1",
        "Säle #3; ?",
        "&place=2030-01-15",
        "%26 %40",
        "@",
    ] {
        programme.added(&json!({"date": "2030-01-15", "screen": screen, "movies": [film]}));
    }
    for _ in 0..100 {
        programme.added(&json!({"date": "2030-01-15", "time": "20:15", "movies": [film]}));
    }
    let all = programme.ids("/showtimes/2030-01-15");
    let mut seen = Vec::new();
    let mut asked = ListShowtimesRequest {
        page_size: 1,
        ..ListShowtimesRequest::default()
    };
    loop {
        let page: ListShowtimesResponse = programme.ask("ListShowtimes", &asked).unwrap();
        assert_eq!(page.showtimes.len(), 1);
        seen.extend(page.showtimes.into_iter().map(|one| one.id));
        asked.page_token = page.next_page_token;
        if asked.page_token.is_empty() || seen.len() > all.len() {
            break;
        }
    }
    assert_eq!(seen, all);
    let streamed: Vec<StreamShowtimesResponse> = programme
        .stream("StreamShowtimes", &StreamShowtimesRequest::default())
        .unwrap();
    let streamed = streamed.into_iter().map(|one| one.showtime.unwrap().id);
    assert_eq!(streamed.collect::<Vec<_>>(), all);
}

#[test]
fn a_showtime_goes_round_whole() {
    let programme = Programme::new();
    let film = programme.film(Some(104));
    let new = CreateShowtimeRequest {
        date: "2030-01-15".into(),
        time: Some("20:15".into()),
        screen: Some("Screen 1".into()),
        movies: vec![film.to_hex()],
        capacity: Some(120),
    };
    let made: CreateShowtimeResponse = programme.ask("CreateShowtime", &new).unwrap();
    let made = made.showtime.unwrap();
    let told = programme.send(Call::get(&format!("/showtimes/{}", made.id)));
    assert_eq!(
        told.json["data"]["createdon"],
        made.createdon.unwrap().to_string()
    );
    let expected = proto::Showtime {
        id: made.id.clone(),
        date: new.date,
        time: new.time,
        screen: new.screen,
        movies: new.movies,
        capacity: new.capacity,
        minutes: Some(104),
        revision: 0,
        createdon: made.createdon,
    };
    assert_eq!(made, expected);
    let id = made.id;
    let asked = GetShowtimeRequest { id: id.clone() };
    let read: GetShowtimeResponse = programme.ask("GetShowtime", &asked).unwrap();
    assert_eq!(read.showtime, Some(expected));

    let terms = format!("DELETE /bookings/terms/{id}?cancel_bookings=true");
    programme.bookings.answer(&terms, &json!(null));
    let cancel_bookings = true;
    let asked = DeleteShowtimeRequest {
        id,
        cancel_bookings,
    };
    let gone = |name, asked| programme.ask::<DeleteShowtimeResponse>(name, asked);
    gone("DeleteShowtime", &asked).unwrap();
    let again = gone("DeleteShowtime", &asked).unwrap_err();
    assert_eq!(again.code(), Code::NotFound);
}

#[test]
fn a_day_is_no_showtime() {
    let programme = Programme::new();
    programme.add("2030-01-15", ObjectId::new());
    let asked = GetShowtimeRequest {
        id: "2030-01-15".into(),
    };
    let refused = programme.ask::<GetShowtimeResponse>("GetShowtime", &asked);
    let refused = refused.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(refused.message().starts_with("id: "), "{refused}");
}

#[test]
fn a_mask_says_what_changes() {
    let programme = Programme::new();
    let film = programme.film(None).to_hex();
    let body = json!({"date": "2030-01-15", "time": "20:15", "screen": "1", "movies": [film], "capacity": 9});
    let id = programme.added(&body);
    let terms = format!("PUT /bookings/terms/{id}");
    programme.bookings.answer(&terms, &json!(null));
    let changes = UpdateShowtimeRequest {
        id,
        screen: Some("2".into()),
        capacity: Some(50),
        ..UpdateShowtimeRequest::default()
    };
    let masked = |paths: &[&str]| {
        programme.update(&UpdateShowtimeRequest {
            update_mask: mask(paths),
            ..changes.clone()
        })
    };
    let moved = masked(&["time", "screen"]).unwrap();
    assert_eq!(
        (moved.time, moved.screen.as_deref(), moved.capacity),
        (None, Some("2"), Some(9))
    );
    assert_eq!(moved.movies, [film.as_str()]);
    for never in ["movies", "date", "room"] {
        let refused = masked(&[never]).unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{never}");
    }
    let given = programme.update(&changes).unwrap();
    assert_eq!((given.capacity, given.revision), (Some(50), 2));
    assert_eq!(given.movies, [film]);

    let other = programme.film(None).to_hex();
    let swapped = UpdateShowtimeRequest {
        movies: vec![other],
        ..changes
    };
    assert_eq!(programme.update(&swapped).unwrap().movies, swapped.movies);
}
