//! Browsers sign in by cookies that their scripts can't read.

use service::cookies::{ACCESS, CSRF, REFRESH};

use super::*;

/// A browser: what it was given, and sends back.
struct Browser {
    cookies: Vec<(String, String)>,
}

impl Browser {
    fn signed_in(world: &World) -> Self {
        let body = json!({"username": "ada", "password": PASSWORD, "cookies": true});
        let answer = world.post("/auth/login", &body);
        assert_eq!(answer.status, 200, "{}", answer.json);
        Self::given(&answer)
    }

    fn given(answer: &Answer) -> Self {
        let cookies = set(answer)
            .into_iter()
            .map(|cookie| {
                let (pair, _) = cookie.split_once(';').unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                (name.to_owned(), value.to_owned())
            })
            .collect();
        Self { cookies }
    }

    fn cookie(&self, name: &str) -> &str {
        let found = self.cookies.iter().find(|(found, _)| found == name);
        &found.unwrap().1
    }

    fn call(&self, path: &str, csrf: Option<&str>) -> Call {
        let pairs = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let call = Call::new("POST", path).header("cookie", &pairs.collect::<Vec<_>>().join("; "));
        match csrf {
            Some(csrf) => call.header("x-csrf-token", csrf),
            None => call,
        }
    }
}

fn set(answer: &Answer) -> Vec<String> {
    let headers = answer.headers.get_all("set-cookie").iter();
    headers
        .map(|value| value.to_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_tokens_are_in_the_cookies_alone() {
    let world = World::new();
    let body = json!({"username": "ada", "password": PASSWORD, "cookies": true});
    let answer = world.post("/auth/login", &body);
    let browser = Browser::given(&answer);
    let told =
        json!({"token_type": "Bearer", "expires_in": 900, "csrf_token": browser.cookie(CSRF)});
    assert_eq!(answer.json, told);
    assert_eq!(answer.headers["cache-control"], "no-store");
    let [access, refresh, csrf] = set(&answer).try_into().unwrap();
    assert!(
        access.starts_with(ACCESS)
            && access.ends_with("; Path=/; Max-Age=900; SameSite=Lax; HttpOnly")
    );
    assert!(
        refresh.starts_with(REFRESH)
            && refresh.ends_with("; Path=/; Max-Age=2592000; SameSite=Lax; HttpOnly")
    );
    assert!(csrf.starts_with(CSRF) && csrf.ends_with("; Path=/; Max-Age=2592000; SameSite=Lax"));
    let claims = claims(browser.cookie(ACCESS));
    assert_eq!(claims.csrf.unwrap(), tokens::digest(browser.cookie(CSRF)));
}

#[test]
fn by_https_they_are_secure() {
    let world = World::new();
    let body = json!({"username": "ada", "password": PASSWORD, "cookies": true});
    for (name, value) in [
        ("x-forwarded-proto", "HTTPS,http"),
        ("forwarded", "for=203.0.113.9;proto=https"),
        ("spin-full-url", "https://cinema.example/auth/login"),
    ] {
        let call = Call::json("POST", "/auth/login", &body)
            .setting("trusted_proxies", "10.0.0.0/8")
            .header("spin-client-addr", "10.0.0.1:80");
        let answer = world.send(call.header(name, value));
        assert_eq!(set(&answer).len(), 3);
        let bound = |cookie: &String| {
            cookie.starts_with("__Host-")
                && cookie.contains("; Path=/;")
                && cookie.ends_with("; Secure")
        };
        assert!(set(&answer).iter().all(bound));
        let browser = Browser::given(&answer);
        let csrf = browser.cookie("__Host-cinema_csrf");
        let renewed = world.send(browser.call("/auth/refresh", Some(csrf)));
        assert_eq!(renewed.status, 200);
    }
    let stranger = Call::json("POST", "/auth/login", &body).header("x-forwarded-proto", "https");
    let answer = world.send(stranger);
    assert!(
        set(&answer)
            .iter()
            .all(|cookie| cookie.starts_with("cinema_"))
    );
}

#[test]
fn renewing_takes_the_csrf_token() {
    let world = World::new();
    let browser = Browser::signed_in(&world);
    let refresh = |browser: &Browser, csrf| world.send(browser.call("/auth/refresh", csrf));
    for wrong in [None, Some(""), Some("guess")] {
        assert_eq!(refresh(&browser, wrong).status, 403, "{wrong:?}");
    }
    let answer = refresh(&browser, Some(browser.cookie(CSRF)));
    assert_eq!(answer.status, 200, "{}", answer.json);
    let renewed = Browser::given(&answer);
    assert_ne!(renewed.cookie(REFRESH), browser.cookie(REFRESH));
    // The old one gives the same for some seconds, and ends the session then, with its own CSRF token, too.
    let again = refresh(&browser, Some(browser.cookie(CSRF)));
    assert_eq!(
        Browser::given(&again).cookie(REFRESH),
        renewed.cookie(REFRESH)
    );
    assert_eq!(Browser::given(&again).cookie(CSRF), renewed.cookie(CSRF));
    pass(11);
    assert_eq!(refresh(&browser, Some(browser.cookie(CSRF))).status, 401);
    assert_eq!(refresh(&renewed, Some(renewed.cookie(CSRF))).status, 401);
}

#[test]
fn an_empty_body_is_none_whatever_its_type() {
    let world = World::new();
    for path in ["/auth/refresh", "/auth/logout"] {
        for kind in [
            "application/json",
            "text/plain",
            "application/x-www-form-urlencoded",
        ] {
            let browser = Browser::signed_in(&world);
            let call = browser
                .call(path, Some(browser.cookie(CSRF)))
                .header("content-type", kind);
            let answer = world.send(call);
            assert!(answer.status < 300, "{path} {kind}: {}", answer.json);
        }
    }
}

#[test]
fn logging_out_takes_them_back() {
    let world = World::new();
    let browser = Browser::signed_in(&world);
    assert_eq!(world.send(browser.call("/auth/logout", None)).status, 403);
    assert_eq!(world.memory.documents("sessions").len(), 1);
    let answer = world.send(browser.call("/auth/logout", Some(browser.cookie(CSRF))));
    assert_eq!(answer.status, 204);
    let taken = set(&answer);
    assert_eq!(taken.len(), 3);
    for name in [ACCESS, REFRESH, CSRF] {
        assert!(
            taken
                .iter()
                .any(|cookie| cookie.starts_with(&format!("{name}=;")))
        );
    }
    assert!(taken.iter().all(|cookie| cookie.contains("; Max-Age=0;")));
    assert!(world.memory.documents("sessions").is_empty());
}

#[test]
fn a_session_without_cookies_is_not_renewed_by_one() {
    let world = World::new();
    let token = world.signed_in();
    let browser = Browser {
        cookies: vec![(REFRESH.to_owned(), token)],
    };
    assert_eq!(
        world.send(browser.call("/auth/refresh", Some(""))).status,
        403
    );
}
