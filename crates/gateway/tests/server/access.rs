//! Who may do what.

use std::{fs, process::Command};

use reqwest::RequestBuilder;
use serde_json::json;

use crate::{Database, Gateway, gateway::send};

const PROGRAM: &str = env!("CARGO_BIN_EXE_data-api-gateway");

/// What a command of the program prints, with some standard input, and what it says beside.
fn printed(arguments: &[&str], input: &str) -> (String, String) {
    let input = format!("printf %s {input:?} | \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &input, "sh", PROGRAM]).args(arguments);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim_end().to_owned();
    (text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn each_caller_may_what_its_rules_say() {
    let database = Database::start();
    let rules = ["--read", "tests.*", "--write", "tests.own"];
    let (key, entry) = printed(&[&["key", "new", "--name", "app"][..], &rules].concat(), "");
    let key = key.as_str();
    let user = [&["user", "new", "--name", "ada@example.com"][..], &rules].concat();
    let (user, _) = printed(&user, "correct horse battery");
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), format!("{entry}\n{user}")).unwrap();
    let gateway = Gateway::start(
        &database.uri(),
        &["--config", file.path().to_str().unwrap()],
    );

    let find = || gateway.request("find", json!({"collection": "own"}));
    let password = "correct horse battery";
    let good: [fn(RequestBuilder, &str) -> RequestBuilder; 4] = [
        |request, key| request.header("apiKey", key),
        |request, key| request.header("api-key", key),
        |request, _| request.basic_auth("ada@example.com", Some("correct horse battery")),
        |request, _| {
            request
                .header("email", "ada@example.com")
                .header("password", "correct horse battery")
        },
    ];
    for with in good {
        send(with(find(), key)).await.unwrap().expect(200);
        for (action, body, status) in [
            (
                "insertOne",
                json!({"collection": "own", "document": {}}),
                201,
            ),
            ("insertOne", json!({"document": {}}), 403),
            (
                "updateOne",
                json!({"filter": {}, "update": {"$set": {"a": 1}}}),
                403,
            ),
            ("deleteMany", json!({"filter": {}}), 403),
            ("find", json!({"database": "other"}), 403),
            ("find", json!({"collection": "system.users"}), 403),
            ("find", json!({"filter": {"$or": [{"$where": "1"}]}}), 400),
            ("aggregate", json!({"pipeline": [{"$out": "own"}]}), 400),
            (
                "aggregate",
                json!({"pipeline": [{"$lookup": {"from": {"db": "other", "coll": "a"}}}]}),
                403,
            ),
        ] {
            let answer = send(with(gateway.request(action, body.clone()), key))
                .await
                .unwrap();
            assert_eq!(answer.status, status, "{action} {body}: {answer:?}");
        }
    }
    for (request, status, code) in [
        (find(), 400, "InvalidParameter"),
        (
            find().header("email", "ada@example.com"),
            400,
            "MissingParameter",
        ),
        (
            find().header("authorization", "Digest x"),
            400,
            "MissingParameter",
        ),
        (find().header("apiKey", "dak_wrong"), 401, "InvalidSession"),
        (find().bearer_auth("a.b.c"), 401, "InvalidSession"),
        (find().header("jwtTokenString", "x"), 401, "InvalidSession"),
        (
            find().basic_auth("eve", Some(password)),
            401,
            "InvalidSession",
        ),
        (
            find().basic_auth("ada@example.com", Some("wrong")),
            401,
            "InvalidSession",
        ),
    ] {
        assert_eq!(send(request).await.unwrap().refused(status), code);
    }
    let written = gateway.process().lines().join("\n");
    for secret in [key, password, "$argon2id"] {
        assert!(!written.contains(secret), "{written}");
    }
}

#[test]
fn without_credentials_it_listens_on_loopback_only() {
    let mut command = Command::new(PROGRAM);
    command.args([
        "serve",
        "--uri",
        "mongodb://127.0.0.1:1",
        "--listen",
        "0.0.0.0:0",
    ]);
    let output = command.output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("loopback") && said.contains("key new"),
        "{said}"
    );
}

#[tokio::test]
async fn pages_of_websites_reach_nothing_by_a_browser_on_this_machine() {
    let database = Database::start();
    let gateway = Gateway::start(&database.uri(), &[]);
    let find = || gateway.request("find", json!({}));
    send(find()).await.unwrap().expect(200);
    let rebound = find().header("host", "evil.example.com");
    send(rebound).await.unwrap().refused(403);
    let plain = gateway
        .client()
        .post(format!("{}/action/find", gateway.url()));
    let plain = plain.header("content-type", "text/plain").body("{}");
    send(plain).await.unwrap().refused(415);
}
