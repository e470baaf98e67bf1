use super::*;
use crate::memory::{Fault, Memory};
use crate::{Error, Find};
use bson::{Bson, DateTime, doc, oid::ObjectId};
use std::time::Duration;

fn names(memory: &Memory) -> Collection<Memory, Raw> {
    memory.client().collection("names")
}

#[test]
fn every_call_is_answered() {
    let memory = Memory::new();
    let films: Collection<Memory, Raw> = memory.client().collection("movies");
    let at = DateTime::from_millis(1_700_000_000_123);
    let id =
        block_on(films.insert_one(&Raw(doc! {"title": "Heat", "rating": 8.3, "createdon": at})))
            .unwrap();
    let more: Vec<_> = (0..250)
        .map(|n| Raw(doc! {"title": format!("Film {n:03}"), "rating": n % 10}))
        .collect();
    assert_eq!(block_on(films.insert_many(&more)).unwrap().len(), 250);

    let heat = block_on(films.find_one(doc! {"_id": id.clone()}))
        .unwrap()
        .unwrap();
    assert_eq!(heat.get_datetime("createdon").unwrap(), &at);
    let all = block_on(films.find_all(doc! {})).unwrap();
    assert_eq!(all.len(), 251);
    let best = Find::filter(doc! {"rating": {"$gte": 9}})
        .sort(doc! {"rating": -1, "title": 1})
        .skip(1)
        .limit(2)
        .projection(doc! {"title": 1, "_id": 0});
    assert_eq!(
        block_on(films.find(best)).unwrap(),
        [
            Raw(doc! {"title": "Film 019"}),
            Raw(doc! {"title": "Film 029"})
        ]
    );

    let updated =
        block_on(films.update_one(doc! {"_id": id.clone()}, doc! {"$inc": {"rating": 1}})).unwrap();
    assert_eq!(
        (updated.matched, updated.modified, updated.upserted),
        (1, 1, None)
    );
    let updated =
        block_on(films.update_many(doc! {"rating": 0}, doc! {"$set": {"rating": 0}})).unwrap();
    assert_eq!((updated.matched, updated.modified), (25, 0));
    let upserted =
        block_on(films.update_one_upsert(doc! {"_id": "x"}, doc! {"$set": {"n": 1}})).unwrap();
    assert_eq!(upserted.upserted, Some(Bson::String("x".into())));

    let counted =
        block_on(films.aggregate(vec![doc! {"$match": {"rating": 3}}, doc! {"$count": "n"}]))
            .unwrap();
    assert_eq!(
        counted[0].get("n").map(|n| n.to_string()),
        Some("25".into())
    );

    assert_eq!(block_on(films.delete_one(doc! {"_id": id})).unwrap(), 1);
    assert_eq!(
        block_on(films.delete_many(doc! {"rating": {"$lt": 5}})).unwrap(),
        125
    );
    assert_eq!(memory.documents("movies").len(), 126);
    assert_eq!(
        block_on(films.delete_one(doc! {"_id": "nobody"})).unwrap(),
        0
    );
}

#[test]
fn what_a_server_refuses_is_refused() {
    let memory = Memory::new();
    let films: Collection<Memory, Raw> = memory.client().collection("movies");
    let error = block_on(films.find_one(doc! {"a": {"$near": 1}})).unwrap_err();
    let Error::Refused {
        status: 400,
        message,
        ..
    } = error
    else {
        panic!("{error:?}");
    };
    assert!(message.contains("$near"), "{message}");
    let id = ObjectId::new();
    block_on(films.insert_one(&Raw(doc! {"_id": id}))).unwrap();
    assert_eq!(
        block_on(films.insert_one(&Raw(doc! {"_id": id}))).unwrap_err(),
        Error::DuplicateKey
    );
}

#[test]
fn a_lost_answer_makes_no_double() {
    let memory = Memory::new();
    for document in [
        Raw(doc! {"_id": ObjectId::new(), "n": 1}),
        Raw(doc! {"_id": "ann", "n": 5_000_000_000i64}),
    ] {
        memory.fail_next(Fault::LostAnswer);
        memory.fail_next(Fault::LostAnswer);
        block_on(names(&memory).insert_one(&document)).unwrap();
    }
    assert_eq!(memory.documents("names").len(), 2);
    let error = block_on(names(&memory).insert_one(&Raw(doc! {"_id": "ann", "n": 2}))).unwrap_err();
    assert_eq!(error, Error::DuplicateKey);

    let many: Vec<_> = (0..5).map(|n| Raw(doc! {"n": n})).collect();
    memory.fail_next(Fault::LostAnswer);
    block_on(names(&memory).insert_many(&many)).unwrap();
    assert_eq!(memory.documents("names").len(), 7);
}

#[test]
fn it_fails_as_it_is_told_and_counts() {
    let memory = Memory::new();
    let names = names(&memory);
    memory.put("names", doc! {"_id": 1});
    memory.fail_next(Fault::Connect);
    memory.fail_next(Fault::Answer {
        status: 429,
        retry_after: Some("1"),
        body: "",
    });
    assert!(block_on(names.find_one(doc! {})).unwrap().is_some());
    assert_eq!(memory.request_count(), 3);
    assert_eq!(
        memory.requests()[0],
        ("findOne".to_owned(), "names".to_owned())
    );

    let before = door::Transport::elapsed(&memory);
    memory.fail_next(Fault::Timeout);
    block_on(names.find_one(doc! {})).unwrap_err();
    assert_eq!(
        door::Transport::elapsed(&memory) - before,
        Duration::from_secs(5)
    );

    memory.go_down();
    block_on(memory.client().ping()).unwrap_err();
    memory.come_back();
    block_on(memory.client().ping()).unwrap();
}
