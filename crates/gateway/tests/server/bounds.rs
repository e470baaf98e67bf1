//! How much a client may take, and what happens where the server is not there.

use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::json;

use crate::{Database, Gateway, gateway::send};

#[tokio::test]
async fn bodies_and_answers_have_a_largest_size() {
    let database = Database::start();
    let options = ["--body-limit", "100000", "--documents", "1500"];
    let gateway = Gateway::start(&database.uri(), &options);
    gateway.ok("deleteMany", json!({"filter": {}})).await;
    let large = json!({"document": {"text": "x".repeat(100_000)}});
    let answer = gateway.act("insertOne", large).await;
    assert_eq!(answer.headers["connection"], "close");
    answer.refused(413);
    let insert = async |range: std::ops::Range<i32>| {
        let documents: Vec<_> = range.map(|n| json!({"_id": n})).collect();
        gateway
            .ok("insertMany", json!({"documents": documents}))
            .await;
    };
    insert(0..1500).await;
    let all = gateway.ok("find", json!({})).await;
    assert_eq!(all["documents"].as_array().unwrap().len(), 1500);
    insert(1500..1501).await;
    // What is known too late ends the connection.
    assert!(send(gateway.request("find", json!({}))).await.is_err());
    gateway
        .act("find", json!({"limit": 1501}))
        .await
        .refused(400);
    let some = gateway.ok("find", json!({"limit": 1500})).await;
    assert_eq!(some["documents"].as_array().unwrap().len(), 1500);
}

#[tokio::test]
async fn parameters_beyond_those_of_atlas_reach_the_server() {
    let database = Database::start();
    let gateway = Gateway::start(&database.uri(), &[]);
    gateway.ok("deleteMany", json!({"filter": {}})).await;
    gateway
        .ok(
            "insertMany",
            json!({"documents": [{"_id": 1}, {"_id": 2}], "comment": "two"}),
        )
        .await;
    gateway
        .ok("find", json!({"maxTimeMS": 5000, "comment": "one"}))
        .await;
    gateway
        .act("find", json!({"maxTimeMS": -1}))
        .await
        .refused(400);
    gateway
        .act("find", json!({"collation": {"strength": 2}}))
        .await
        .refused(400);
    gateway.act("find", json!({"hint": 1})).await.refused(400);
    if !database.is_ferret() {
        let last = json!({"filter": {}, "sort": {"_id": -1}, "update": {"$set": {"last": true}}});
        gateway.ok("updateOne", last).await;
        let found = gateway
            .ok("findOne", json!({"filter": {"last": true}}))
            .await;
        assert_eq!(found["document"]["_id"], 2);
    }
}

#[tokio::test]
async fn plain_json_is_for_whoever_wants_it() {
    let database = Database::start();
    let gateway = Gateway::start(&database.uri(), &["--json", "plain"]);
    let inserted = gateway.ok("insertOne", json!({"document": {}})).await;
    let id = inserted["insertedId"].as_str().unwrap();
    let filter = json!({"filter": {"_id": {"$oid": id}}});
    let found = gateway.ok("find", filter.clone()).await;
    assert_eq!(found, json!({"documents": [{"_id": id}]}));
    let typed = gateway
        .request("findOne", filter)
        .header("accept", "application/ejson");
    let typed = send(typed).await.unwrap().expect(200);
    assert_eq!(typed["document"]["_id"]["$oid"], id);
}

#[tokio::test]
async fn a_server_that_is_away_is_told_and_found_again() {
    let Some(mut ferret) = Database::controlled() else {
        return;
    };
    let gateway = Gateway::start(&ferret.uri(), &["--server-selection", "1"]);
    let ready = async || {
        let asked = gateway.client().get(format!("{}/readyz", gateway.url()));
        asked.send().await.unwrap().status().as_u16()
    };
    gateway
        .ok("insertOne", json!({"document": {"_id": 1}}))
        .await;
    assert_eq!(ready().await, 200);
    ferret.kill();
    let away = Instant::now();
    while away.elapsed() < Duration::from_secs(10) {
        let answer = gateway.act("findOne", json!({})).await;
        assert!(answer.headers.contains_key("retry-after"), "{answer:?}");
        assert_eq!(answer.refused(503), "ServiceUnavailable");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(ready().await, 503);
    let live = gateway.client().get(format!("{}/livez", gateway.url()));
    assert_eq!(live.send().await.unwrap().status().as_u16(), 200);
    ferret.restart();
    let back = Instant::now();
    while gateway.act("findOne", json!({})).await.status != 200 || ready().await != 200 {
        assert!(
            back.elapsed() < Duration::from_secs(15),
            "it is not found again"
        );
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_is_waited_for_no_longer_than_that_and_by_no_more_than_may() {
    let Some(ferret) = Database::controlled() else {
        return;
    };
    let gateway = Gateway::start(&ferret.uri(), &["--time", "2", "--requests", "4"]);
    gateway
        .ok("insertOne", json!({"document": {"_id": 1}}))
        .await;
    ferret.signal("STOP");
    let crowd = join_all((0..12).map(|_| gateway.act("findOne", json!({})))).await;
    let mut codes: Vec<_> = crowd
        .into_iter()
        .map(|answer| answer.refused(503))
        .collect();
    codes.sort_unstable();
    // Four were at work, and the others found no place.
    let late = codes
        .iter()
        .filter(|code| *code == "MaxTimeMSExpired")
        .count();
    assert_eq!(late, 4, "{codes:?}");
    assert!(
        codes
            .iter()
            .all(|code| code == "MaxTimeMSExpired" || code == "ServiceUnavailable")
    );
    ferret.signal("CONT");
    let back = Instant::now();
    while gateway.act("findOne", json!({})).await.status != 200 {
        assert!(
            back.elapsed() < Duration::from_secs(15),
            "it is not found again"
        );
    }
}

#[tokio::test]
async fn a_stop_lets_what_is_at_work_end() {
    let Some(ferret) = Database::controlled() else {
        return;
    };
    let gateway = Gateway::start(&ferret.uri(), &[]);
    gateway
        .ok("insertOne", json!({"document": {"_id": 1}}))
        .await;
    ferret.signal("STOP");
    let asked = tokio::spawn(send(gateway.request("findOne", json!({}))));
    tokio::time::sleep(Duration::from_millis(300)).await;
    gateway.process().signal("TERM");
    tokio::time::sleep(Duration::from_millis(300)).await;
    ferret.signal("CONT");
    asked.await.unwrap().unwrap().expect(200);
    let stopping = Instant::now();
    while gateway.process().is_running() {
        assert!(
            stopping.elapsed() < Duration::from_secs(20),
            "it does not stop"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
