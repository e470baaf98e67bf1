//! Whole collections, over storage in memory.

use bson::{Bson, doc};
use data_api_client::memory::Memory;
use indicatif::ProgressBar;

use super::super::{
    collections::{FOREIGN, OURS},
    pass::{Pass, Report},
};
use data_api_client::memory::odd_values;

use super::id;

async fn pass(memory: &Memory, name: &'static str, write: bool) -> Report {
    let (bar, mut out) = (ProgressBar::hidden(), Vec::new());
    Pass::new(&memory.client(), name, write, &bar, &mut out)
        .run()
        .await
        .unwrap()
}

fn figures(report: &Report) -> (u64, u64, u64) {
    (report.well, report.rewritten, report.unreadable)
}

#[tokio::test]
async fn a_pass_reports_then_rewrites_and_then_finds_all_well() {
    let memory = Memory::new();
    for n in 0..250 {
        let rating = if n % 2 == 0 {
            Bson::from("8.8")
        } else {
            f64::from(8.8f32).into()
        };
        memory.put(
            "movies",
            doc! {"_id": id(n), "title": "T", "director": "D", "rating": rating, "x": f64::NAN},
        );
    }
    memory.put("movies", doc! {"_id": "text"});
    memory.put("movies", doc! {"_id": 7});
    memory.put("movies", doc! {"_id": true});
    let before = memory.documents("movies");
    assert_eq!(figures(&pass(&memory, "movies", false).await), (0, 250, 3));
    assert_eq!(
        format!("{:?}", memory.documents("movies")),
        format!("{before:?}"),
        "nothing is written"
    );
    assert_eq!(figures(&pass(&memory, "movies", true).await), (0, 250, 3));
    assert_eq!(figures(&pass(&memory, "movies", true).await), (250, 0, 3));
}

/// Whatever is in whichever field, it is looked at, and what can be rewritten is found by the condition.
#[tokio::test]
async fn no_document_is_too_odd() {
    let memory = Memory::new();
    let fields = "title director rating createdon date time screen movies capacity userid showtimeid seats username firstname lastname role";
    for collection in FOREIGN.into_iter().chain(OURS) {
        for (n, value) in (0..).zip(odd_values()) {
            let mut document = doc! {"_id": id(n)};
            for field in fields.split(' ') {
                document.insert(field, value.clone());
            }
            memory.put(collection, document);
            // One odd value beside what is well.
            for (m, field) in (1..).zip(["time", "createdon", "screen", "by", "seats", "other"]) {
                let mut document = doc! {
                    "_id": id(1000 * m + n), "title": "T", "director": "D", "rating": "1", "date": "20151130", "movies": [id(1)],
                    "userid": id(1).to_hex(), "showtimeid": id(1).to_hex(), "username": format!("User{m}.{n}"), "name": "Ann Lee",
                };
                document.insert(field, value.clone());
                memory.put(collection, document);
            }
        }
        let (_, rewritten, unreadable) = figures(&pass(&memory, collection, true).await);
        let again = pass(&memory, collection, true).await;
        assert_eq!(figures(&again), (rewritten, 0, unreadable), "{collection}");
    }
}

#[tokio::test]
async fn no_two_users_get_one_name() {
    let memory = Memory::new();
    let user =
        |n, name: &str| doc! {"_id": id(n), "username": name, "firstname": "A", "lastname": "L"};
    for (n, name) in [(1, "Ann"), (2, "ann"), (3, "Bob"), (4, "BOB")] {
        memory.put("users", user(n, name));
    }
    for write in [false, true] {
        assert_eq!(
            figures(&pass(&memory, "users", write).await),
            (0, 2, 2),
            "{write}"
        );
    }
    let names: Vec<_> = memory
        .documents("users")
        .iter()
        .map(|user| user.get_str("username").unwrap().to_owned())
        .collect();
    assert_eq!(names, ["Ann", "ann", "bob", "BOB"]);
}
