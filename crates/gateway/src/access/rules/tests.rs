#![allow(clippy::unwrap_used)]

use bson::doc;

use super::*;

fn rules(read: &[&str], write: &[&str], allow: &[&str]) -> Rules {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Rules::new(&Granted {
        read: texts(read),
        write: texts(write),
        allow: allow.iter().map(|name| name.parse().unwrap()).collect(),
        ..Granted::default()
    })
    .unwrap()
}

fn may(rules: &Rules, action: Action, place: &str, body: bson::Document) -> bool {
    let (database, collection) = place.split_once('.').unwrap();
    let namespace = Namespace {
        data_source: None,
        database: database.to_owned(),
        collection: collection.to_owned(),
    };
    let demands = Demands::of(&body).unwrap();
    rules.permit(action, &namespace, &demands).is_ok()
}

#[test]
fn reading_and_writing_are_each_for_themselves() {
    let rules = rules(&["cinema.*", "logs.2026*"], &["cinema.bookings"], &[]);
    for (action, place, allowed) in [
        (Action::Find, "cinema.movies", true),
        (Action::Aggregate, "cinema.a.b", true),
        (Action::FindOne, "cinemas.movies", false),
        (Action::Find, "logs.2026-01", true),
        (Action::Find, "logs.2025-01", false),
        (Action::InsertOne, "cinema.bookings", true),
        (Action::UpdateMany, "cinema.movies", false),
        (Action::DeleteOne, "logs.2026-01", false),
    ] {
        assert_eq!(
            may(&rules, action, place, doc! {}),
            allowed,
            "{action:?} {place}"
        );
    }
}

#[test]
fn the_servers_own_collections_take_a_rule_of_their_own() {
    let everything = rules(&["*"], &["*"], &[]);
    let system = rules(&["*"], &["*"], &["system"]);
    for place in [
        "admin.users",
        "cinema.system.users",
        "local.oplog.rs",
        "config.shards",
    ] {
        assert!(!may(&everything, Action::Find, place, doc! {}), "{place}");
        assert!(may(&system, Action::Find, place, doc! {}), "{place}");
    }
}

#[test]
fn joined_and_written_collections_take_the_same_rules_as_others() {
    let rules = rules(&["cinema.*"], &["cinema.copies"], &["$out", "$merge"]);
    for (stage, allowed) in [
        (doc! {"$lookup": {"from": "movies"}}, true),
        (
            doc! {"$lookup": {"from": {"db": "other", "coll": "movies"}}},
            false,
        ),
        (doc! {"$unionWith": "system.users"}, false),
        (
            doc! {"$facet": {"a": [{"$unionWith": {"coll": "movies", "db": "other"}}]}},
            false,
        ),
        (doc! {"$graphLookup": {"from": "system.js"}}, false),
        (doc! {"$out": "copies"}, true),
        (doc! {"$out": "movies"}, false),
        (
            doc! {"$merge": {"into": {"db": "other", "coll": "copies"}}},
            false,
        ),
    ] {
        let body = doc! {"pipeline": [&stage]};
        assert_eq!(
            may(&rules, Action::Aggregate, "cinema.movies", body),
            allowed,
            "{stage}"
        );
    }
}

#[test]
fn what_runs_code_or_writes_is_refused_wherever_it_stands() {
    let plain = rules(&["*"], &["*"], &[]);
    for body in [
        doc! {"filter": {"$where": "1"}},
        doc! {"filter": {"$or": [{"a": {"$not": {"$where": "1"}}}]}},
        doc! {"filter": {"$expr": {"$function": {"body": "f"}}}},
        doc! {"pipeline": [{"$group": {"_id": 1, "n": {"$accumulator": {}}}}]},
        doc! {"pipeline": [{"$lookup": {"from": "a", "pipeline": [{"$out": "a"}]}}]},
        doc! {"pipeline": [{"$merge": "a"}]},
        doc! {"projection": {"a": {"$function": {}}}},
    ] {
        assert!(
            !may(&plain, Action::Aggregate, "cinema.movies", body.clone()),
            "{body}"
        );
    }
    let trusted = rules(&["*"], &["*"], &["$where"]);
    assert!(may(
        &trusted,
        Action::Find,
        "cinema.movies",
        doc! {"filter": {"$where": "1"}}
    ));
}

#[test]
fn what_is_no_rule_is_told() {
    for text in ["cinema", "", "a.*b*", ".movies", "cinema."] {
        let granted = Granted {
            read: vec![text.to_owned()],
            ..Granted::default()
        };
        assert!(Rules::new(&granted).is_err(), "{text}");
    }
    let granted: Granted = toml::from_str("raed = ['*']").unwrap();
    assert!(
        Rules::new(&granted)
            .unwrap_err()
            .to_string()
            .contains("raed")
    );
}
