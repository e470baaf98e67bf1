//! Whom a route is open to, from the outside.

#![allow(clippy::unwrap_used)]

use std::rc::Rc;

use data_api_client::Id;
use http::Method;
use serde_json::json;

use crate::{
    Access, Problem, Reply, Request, Role, Routes, Service, cookies,
    testing::{Answer, Call, FakeSibling, run, token},
};

struct Tiny;

impl Service for Tiny {
    async fn ready(&self) -> Result<(), Problem> {
        Ok(())
    }
}

async fn done(_: Rc<Tiny>, _: Request) -> Result<Reply, Problem> {
    Ok(Reply::no_content())
}

/// Says who is asking.
async fn who(_: Rc<Tiny>, request: Request) -> Result<Reply, Problem> {
    let caller = request.caller()?;
    Ok(Reply::one(caller.map(|caller| caller.role)))
}

fn routes(routes: &mut Routes<Tiny>) {
    routes.get("/tiny/anyone", Access::Anyone, done);
    routes.post("/tiny/anyone", Access::Anyone, who);
    routes.get("/tiny/signed-in", Access::SignedIn, done);
    routes.post("/tiny/signed-in", Access::SignedIn, done);
    routes.get("/tiny/staff", Access::Staff, done);
    routes.post("/tiny/staff", Access::Staff, done);
    routes.get("/tiny/of/:id", Access::Oneself("id"), done);
}

fn send(call: Call) -> Answer {
    run(call.send("tiny", || Tiny, routes))
}

fn status(call: Call) -> u16 {
    send(call).status
}

#[test]
fn each_route_is_open_to_those_it_says() {
    let me = Id::new();
    let mine = format!("/tiny/of/{me}");
    let others = format!("/tiny/of/{}", Id::new());
    for (path, stranger, customer, staff) in [
        ("/tiny/anyone", 204, 204, 204),
        ("/tiny/signed-in", 401, 204, 204),
        ("/tiny/staff", 401, 403, 204),
        (&mine, 401, 204, 204),
        (&others, 401, 403, 204),
        ("/tiny/of/nonsense", 401, 403, 204),
        ("/tiny/healthz", 200, 200, 200),
        ("/tiny/healthy", 200, 200, 200),
        ("/tiny/nowhere", 404, 404, 404),
    ] {
        let call = || Call::get(path);
        assert_eq!(status(call()), stranger, "{path}: a stranger");
        assert_eq!(status(call().customer(me)), customer, "{path}: a customer");
        assert_eq!(status(call().staff()), staff, "{path}: staff");
    }
    assert_eq!(status(Call::new("DELETE", "/tiny/staff")), 405);
}

#[test]
fn a_refusal_says_what_is_missing() {
    let challenge = |call: Call| {
        let answer = send(call);
        let header = answer.headers["www-authenticate"].to_str().unwrap();
        (answer.status, header.to_owned())
    };
    let (status, header) = challenge(Call::get("/tiny/staff"));
    assert_eq!((status, header.as_str()), (401, r#"Bearer realm="cinema""#));
    let (status, header) = challenge(Call::get("/tiny/staff").customer(Id::new()));
    assert!(status == 403 && header.ends_with(r#"error="insufficient_scope""#));
    let bad = Call::get("/tiny/staff").header("authorization", "Bearer x");
    let (status, header) = challenge(bad);
    assert!(status == 401 && header.ends_with(r#"error="invalid_token""#));
}

#[test]
fn what_is_no_bearer_token_lets_nobody_in() {
    let good = token(Id::new(), Role::Staff);
    for value in [
        String::new(),
        "Bearer".into(),
        "Bearer ".into(),
        good.clone(),
        format!("Basic {good}"),
        format!("Bearer {good} {good}"),
        format!("Bearer {good}x"),
    ] {
        let call = Call::get("/tiny/staff").header("authorization", &value);
        assert_eq!(status(call), 401, "{value}");
    }
    for value in [format!("bearer {good}"), format!("Bearer   {good} ")] {
        let call = Call::get("/tiny/staff").header("authorization", &value);
        assert_eq!(status(call), 204, "{value}");
    }
    let twice = Call::get("/tiny/staff").staff().staff();
    assert_eq!(status(twice), 401);
    // Where anyone may, nobody looks, unless the handler wants to know.
    let bad = |method| Call::new(method, "/tiny/anyone").header("authorization", "Bearer x");
    assert_eq!(status(bad("GET")), 204);
    assert_eq!(status(bad("POST")), 401);
    let known = send(Call::new("POST", "/tiny/anyone").staff());
    assert_eq!(known.json["data"], "staff");
}

#[test]
fn without_keys_anyone_may_what_anyone_may() {
    for (name, value) in [
        ("auth_jwks", ""),
        ("auth_jwks", "{}"),
        ("auth_issuer", ""),
        ("auth_audience", ""),
    ] {
        let call = |path| Call::get(path).setting(name, value);
        assert_eq!(status(call("/tiny/anyone")), 204);
        assert_eq!(status(call("/tiny/healthy")), 200);
        let answer = send(call("/tiny/staff").staff());
        assert_eq!(answer.status, 503);
        assert!(answer.json["detail"].as_str().unwrap().contains(name));
        assert!(answer.headers.contains_key("retry-after"));
    }
    let stranger = Call::get("/tiny/staff").setting("auth_jwks", "");
    assert_eq!(status(stranger), 503);
}

#[test]
fn cookies_sign_in_and_writing_takes_the_csrf_token() {
    let signed = crate::testing::cookie_token(Id::new(), Role::Staff, "letter");
    let call = |method, path| {
        let cookies = format!("a=b; {}={signed}; c", cookies::ACCESS);
        Call::new(method, path).header("cookie", &cookies)
    };
    assert_eq!(status(call("GET", "/tiny/staff")), 204);
    assert_eq!(status(call("POST", "/tiny/signed-in")), 403);
    let with = |csrf: &str| status(call("POST", "/tiny/signed-in").header("x-csrf-token", csrf));
    assert_eq!(with("later"), 403);
    assert_eq!(with(""), 403);
    assert_eq!(with("letter"), 204);
    // A token that was not made for cookies is none of a browser's.
    let plain = token(Id::new(), Role::Staff);
    let cookies = format!("{}={plain}", cookies::ACCESS);
    let call = Call::new("POST", "/tiny/signed-in").header("cookie", &cookies);
    assert_eq!(status(call.header("x-csrf-token", "")), 403);
    // What is carried on to a sibling comes by header, and a browser can't be made to send that.
    let carried = Call::new("POST", "/tiny/signed-in");
    assert_eq!(
        status(carried.header("authorization", &format!("Bearer {signed}"))),
        204
    );
}

/// Says whether it was given a name.
async fn named(_: Rc<Tiny>, request: Request) -> Result<Reply, Problem> {
    let name = request.body()?.take("name", &crate::rule::text(1..=9));
    Ok(Reply::one(name))
}

#[test]
fn a_body_may_come_wrapped_as_answers_are() {
    let name = |body: serde_json::Value| {
        let call = Call::json("POST", "/tiny/name", &body);
        let routes = |routes: &mut Routes<Tiny>| {
            routes.post("/tiny/name", Access::Anyone, named);
        };
        run(call.send("tiny", || Tiny, routes)).json["data"].take()
    };
    assert_eq!(name(json!({"name": "ada"})), "ada");
    assert_eq!(name(json!({"data": {"name": "ada"}})), "ada");
    for other in [
        json!({"data": {"name": "ada"}, "more": 1}),
        json!({"data": [{"name": "ada"}]}),
        json!({"data": {"data": {"name": "ada"}}}),
    ] {
        assert_eq!(name(other), serde_json::Value::Null);
    }
}

#[test]
fn what_depends_on_who_asks_is_kept_by_nobody() {
    for (path, personal) in [("/tiny/anyone", false), ("/tiny/signed-in", true)] {
        let headers = send(Call::get(path)).headers;
        assert_eq!(headers.contains_key("vary"), personal, "{path}");
        assert_eq!(headers.get("cache-control").is_some(), personal, "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
    }
}

#[test]
fn a_parameter_that_nobody_knows_is_named() {
    let routes = |routes: &mut Routes<Tiny>| {
        let list = routes.get("/tiny/list", Access::Anyone, done);
        list.query(&["limit", "after"]);
    };
    let answer =
        |query: &str| run(Call::get(&format!("/tiny/list?{query}")).send("tiny", || Tiny, routes));
    assert_eq!(answer("after=x&limit=3").status, 204);
    for (query, said) in [
        (
            "limit=1&lmit=3",
            "there is no parameter lmit here; limit is meant, perhaps",
        ),
        ("rating=8", "there is no parameter rating here"),
        ("", ""),
    ] {
        let answer = answer(query);
        assert_eq!(answer.json["detail"].as_str().unwrap_or_default(), said);
        assert_eq!(answer.status, if said.is_empty() { 204 } else { 400 });
    }
}

#[test]
fn what_a_sibling_refuses_is_told_from_what_it_fails_at() {
    let sibling = FakeSibling::new("bookings");
    let tell = |path: &str| {
        let body = json!({"capacity": 3});
        run(sibling.sibling().tell(Method::PUT, path, Some(&body)))
    };
    sibling.answer("PUT /done", &json!(null));
    assert_eq!(tell("/done"), Ok(Ok(())));
    assert_eq!(sibling.asked(), [r#"PUT /done {"capacity":3}"#]);
    sibling.conflict(
        "PUT /no",
        &json!({"detail": "5 seats are sold", "revision": 7}),
    );
    let conflict = tell("/no").unwrap().unwrap_err();
    assert_eq!(conflict.members["revision"], 7);
    let problem = Problem::from(conflict);
    assert_eq!(
        (problem.status.as_u16(), problem.detail.as_str()),
        (409, "5 seats are sold")
    );
    sibling.fail("PUT /down");
    for path in ["/down", "/nowhere", "elsewhere"] {
        assert_eq!(tell(path).unwrap_err().status, 503, "{path}");
    }
}

#[test]
fn two_cookies_of_a_name_are_refused_and_the_bound_one_counts() {
    let ask = |cookies: &str| send(Call::get("/tiny/signed-in").header("cookie", cookies));
    let token = crate::testing::cookie_token(Id::new(), Role::Staff, "letter");
    let name = cookies::ACCESS;
    assert_eq!(ask(&format!("{name}={token}; {name}=x")).status, 400);
    assert_eq!(ask(&format!("{name}=x; __Host-{name}={token}")).status, 204);
    assert_eq!(ask(&format!("{name}={token}; __Host-{name}=x")).status, 401);
}

#[test]
fn who_is_gone_or_demoted_changes_nothing_by_an_old_token() {
    for (now, status) in [
        (None, 401),
        (Some(Role::Customer), 403),
        (Some(Role::Staff), 204),
    ] {
        let call = |method| Call::new(method, "/tiny/staff").staff().from_now(now);
        assert_eq!(send(call("POST")).status, status, "{now:?}");
        // What reads takes the token's word.
        assert_eq!(send(call("GET")).status, 204, "{now:?}");
    }
}

/// A service for people: it has the root, and tells by itself what is not there.
struct Pages;

impl Service for Pages {
    const FOR_PEOPLE: bool = true;

    async fn ready(&self) -> Result<(), Problem> {
        Ok(())
    }

    async fn told(self: Rc<Self>, request: Request, problem: Problem) -> Result<Reply, Problem> {
        match request.header("accept") {
            Some("text/html") => Ok(Reply::text("text/html", problem.detail)),
            _ => Err(problem),
        }
    }
}

#[test]
fn pages_have_the_root_and_say_themselves_what_is_not_there() {
    let pages = |routes: &mut Routes<Pages>| {
        routes.get("/", Access::Anyone, |_, _| async {
            Ok(Reply::no_content())
        });
    };
    let send = |call: Call| run(call.send("pages", || Pages, pages));
    for (path, accept, status) in [
        ("/", "*/*", 204),
        ("/?from=elsewhere", "*/*", 204),
        ("/pages/healthz", "*/*", 200),
        ("/nowhere", "*/*", 404),
        ("/nowhere", "text/html", 200),
        ("/nowhere/", "text/html", 200),
        ("//", "*/*", 404),
    ] {
        let answer = send(Call::get(path).header("accept", accept));
        assert_eq!(answer.status, status, "{path} {accept}");
    }
    assert_eq!(send(Call::new("DELETE", "/")).status, 405);
}

#[test]
fn a_form_is_read_and_nothing_else_for_one() {
    async fn form(_: Rc<Tiny>, request: Request) -> Result<Reply, Problem> {
        Ok(Reply::one(request.form()?))
    }
    let routes = |routes: &mut Routes<Tiny>| {
        routes.post("/form", Access::Anyone, form);
    };
    let send = |media: &str, body: &str| {
        let call = Call::new("POST", "/form").header("content-type", media);
        run(call.body(body).send("tiny", || Tiny, routes))
    };
    let answer = send(
        "application/x-www-form-urlencoded; charset=utf-8",
        "a=1+2&b=%C3%A9&a=",
    );
    let fields = json!([["a", "1 2"], ["b", "\u{e9}"], ["a", ""]]);
    assert_eq!(answer.json["data"], fields);
    assert_eq!(send("application/json", "{}").status, 415);
}

#[test]
fn what_a_sibling_refuses_is_passed_on_in_its_words() {
    let bookings = FakeSibling::new("bookings");
    let sold_out =
        json!({"detail": "sold out", "errors": [{"field": "seats", "message": "are none"}]});
    bookings
        .conflict("POST /bookings", &sold_out)
        .fail("POST /down");
    let ask = |path: &str| {
        run(bookings
            .sibling()
            .ask(Method::POST, path, Some(&json!({})), Vec::new()))
    };
    let problem = ask("/bookings").unwrap_err();
    assert_eq!(
        (problem.status.as_u16(), problem.detail.as_str()),
        (409, "sold out")
    );
    assert_eq!(problem.errors[0].field, "seats");
    let problem = ask("/down").unwrap_err();
    assert_eq!(problem.status, 503);
    assert!(problem.detail.starts_with("bookings does not answer"));
}
