//! The programme in its order, whole and page by page.

use bson::{Bson, DateTime, doc};

use super::*;

/// Follows `next` from a path on.
fn pages(programme: &Programme, path: &str) -> Vec<String> {
    let mut seen = Vec::new();
    let mut next = Some(path.to_owned());
    while let Some(path) = next {
        let page = programme.send(Call::get(&path));
        assert_eq!(page.status, 200, "{path}: {}", page.json);
        seen.extend(ids(&page));
        assert!(seen.len() < 1000, "a list without an end");
        next = page.json["next"].as_str().map(str::to_owned);
    }
    seen
}

/// A showtime at each of these places, made in this order.
fn at(programme: &Programme, places: &[(&str, Option<&str>, Option<&str>)]) -> Vec<String> {
    let movie = programme.film(None).to_hex();
    let place = |(date, time, screen): &(&str, Option<&str>, Option<&str>)| {
        let body = json!({"date": date, "time": time, "screen": screen, "movies": [movie]});
        programme.added(&body)
    };
    places.iter().map(place).collect()
}

#[test]
fn they_are_in_the_order_of_day_time_and_screen() {
    let programme = Programme::new();
    let made = at(
        &programme,
        &[
            ("2030-01-16", Some("09:00"), None),
            ("2030-01-15", None, Some("1")),
            ("2030-01-15", Some("20:15"), None),
            ("2030-01-15", Some("20:15"), Some("2")),
            ("2030-01-15", Some("20:15"), Some("1")),
            ("2030-01-15", Some("18:00"), Some("9")),
            ("2030-01-15", None, None),
            ("2030-01-15", None, None),
        ],
    );
    let order = [5, 4, 3, 2, 1, 6, 7, 0].map(|at: usize| made[at].clone());
    assert_eq!(programme.ids("/showtimes"), order);
    assert_eq!(programme.ids("/showtimes/2030-01-15"), order[..7]);
    for limit in 1..10 {
        let path = format!("/showtimes?limit={limit}");
        assert_eq!(pages(&programme, &path), order, "{limit}");
        let some = format!("{path}&from=2030-01-15&to=2030-01-15");
        assert_eq!(pages(&programme, &some), order[..7], "{limit}");
    }
    assert_eq!(programme.memory.scans(), [""; 0]);
}

#[test]
fn pages_go_on_from_a_place_whatever_becomes_of_what_was_there() {
    let programme = Programme::new();
    let days = ["2030-01-15", "2030-01-15", "2030-01-16", "2030-01-17"];
    let made = at(&programme, &days.map(|day| (day, Some("20:00"), None)));
    let first = programme.send(Call::get("/showtimes?limit=2"));
    assert_eq!(ids(&first), made[..2]);
    let next = first.json["next"].as_str().unwrap();

    let by_id = format!("/showtimes?after={}", made[1]);
    assert_eq!(programme.ids(&by_id), made[2..]);
    programme
        .bookings
        .answer(&format!("DELETE /bookings/terms/{}", made[1]), &json!(null));
    assert_eq!(programme.delete(&made[1]).status, 204);
    let earlier = at(&programme, &[("2030-01-14", None, None)]);
    let later = at(&programme, &[("2030-01-16", Some("10:00"), None)]);
    assert_eq!(
        pages(&programme, next),
        [later[0].clone(), made[2].clone(), made[3].clone()],
        "not {earlier:?}"
    );
    let gone = programme.send(Call::get(&by_id));
    assert_eq!(gone.status, 400);
    assert!(gone.json["detail"].as_str().unwrap().contains("next"));
    for wrong in ["place=2030-01-15T8pm", "place=", "place=2030-02-30@1"] {
        let path = format!("/showtimes?after={}&{wrong}", made[0]);
        assert_eq!(programme.send(Call::get(&path)).status, 400, "{wrong}");
    }
}

#[test]
fn a_day_comes_whole() {
    let programme = Programme::new();
    let movie = ObjectId::new();
    let document = |minute: i32| {
        doc! {
            "_id": ObjectId::new(), "date": "2030-01-15", "time": format!("{:02}:{:02}", minute / 60, minute % 60),
            "movies": [movie], "createdon": DateTime::now(),
        }
    };
    for minute in (0..1001).rev() {
        programme.memory.put("showtimes", document(minute));
    }
    let day = programme.send(Call::get("/showtimes/2030-01-15"));
    let times: Vec<_> = day.json["data"].as_array().unwrap().iter().collect();
    assert_eq!(times.len(), 1000);
    assert!(times.is_sorted_by_key(|one| one["time"].as_str().unwrap()));
    let rest = programme.send(Call::get(day.json["next"].as_str().unwrap()));
    assert_eq!(rest.json["data"][0]["time"], "16:40");
    assert_eq!(programme.memory.scans(), [""; 0]);
}

#[test]
fn lists_are_filtered() {
    let programme = Programme::new();
    let (first, second) = (ObjectId::new(), ObjectId::new());
    let ids = [
        programme.add("2030-01-01", first),
        programme.add("2030-01-02", second),
        programme.add("2030-01-03", first),
    ];
    assert_eq!(programme.ids("/showtimes"), ids);
    assert_eq!(programme.ids("/showtimes/2030-01-02"), ids[1..2]);
    assert_eq!(programme.ids("/showtimes/2031-01-02"), [""; 0]);
    assert_eq!(programme.ids("/showtimes?date=2030-01-03"), ids[2..]);
    assert_eq!(programme.ids("/showtimes?from=2030-01-02"), ids[1..]);
    assert_eq!(programme.ids("/showtimes?to=2030-01-02"), ids[..2]);
    assert_eq!(
        programme.ids("/showtimes?from=2030-01-02&to=2030-01-02"),
        ids[1..2]
    );
    assert_eq!(
        programme.ids("/showtimes?date=2030-01-01&from=2030-01-02"),
        [""; 0]
    );
    assert_eq!(
        programme.ids(&format!("/showtimes?movie={first}")),
        [ids[0].clone(), ids[2].clone()]
    );
    assert_eq!(
        programme.ids(&format!("/showtimes?ids={},{}", ids[1], ids[0])),
        ids[..2]
    );
    for wrong in [
        "/showtimes?date=x",
        "/showtimes?from=2030-13-01",
        "/showtimes?movie=x",
        "/showtimes?order=date",
        "/showtimes/tomorrow",
        "/showtimes/2030-02-30",
        "/showtimes/2030-01-02?limit=1",
    ] {
        assert_eq!(programme.send(Call::get(wrong)).status, 400, "{wrong}");
    }
    let first = programme.send(Call::get("/showtimes?from=2030-01-01&limit=2"));
    assert_eq!(
        programme.ids(first.json["next"].as_str().unwrap()),
        ids[2..]
    );
    assert_eq!(programme.memory.scans(), [""; 0]);
}

#[test]
fn what_is_no_showtime_is_left_out_of_lists_and_an_error_by_itself() {
    let programme = Programme::new();
    let good = programme.add("2030-11-30", ObjectId::new());
    let odd = ObjectId::new();
    let movies = [ObjectId::new()];
    for date in [
        Bson::from("20301130"),
        DateTime::now().into(),
        Bson::Null,
        Bson::Array(vec!["2030-11-29".into(), "2031-01-01".into()]),
    ] {
        let id = ObjectId::new();
        let document =
            doc! {"_id": id, "date": date, "movies": movies.to_vec(), "createdon": DateTime::now()};
        programme.memory.put("showtimes", document);
    }
    let texts = doc! {"_id": odd, "date": "2030-11-30", "movies": [odd.to_hex()], "createdon": DateTime::now()};
    programme.memory.put("showtimes", texts);
    for limit in 1..6 {
        let path = format!("/showtimes?limit={limit}");
        assert_eq!(pages(&programme, &path), [good.as_str()]);
    }
    assert_eq!(programme.ids("/showtimes/2030-11-30"), [good]);
    let by_itself = programme.send(Call::get(&format!("/showtimes/{odd}")));
    assert_eq!(by_itself.status, 500);
}
