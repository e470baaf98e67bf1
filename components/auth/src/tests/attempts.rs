//! Guessing takes ever longer.

use accounts::{Attempt, Refusal, Throttle};

use super::*;

/// The seconds that a username has to wait; none where it need not.
fn wait(world: &World, username: &str) -> Option<u64> {
    let answer = world.login(username, "wrong horse");
    match answer.status {
        401 => None,
        429 => Some(
            answer.headers["retry-after"]
                .to_str()
                .unwrap()
                .parse()
                .unwrap(),
        ),
        status => panic!("{status}: {}", answer.json),
    }
}

fn fail(world: &World, username: &str, times: usize) {
    for _ in 0..times {
        assert_eq!(wait(world, username), None);
    }
}

#[test]
fn after_five_failures_a_name_waits_ever_longer() {
    let world = World::new();
    for name in ["ada", "nobody"] {
        fail(&world, name, 5);
        for seconds in [10, 20, 40, 80, 160, 320, 640, 900, 900] {
            assert_eq!(wait(&world, name), Some(seconds));
            pass(seconds - 1);
            // The right password is not looked at, either.
            assert_eq!(world.login(&name.to_uppercase(), PASSWORD).status, 429);
            assert_eq!(wait(&world, name), Some(1));
            pass(1);
            assert_eq!(wait(&world, name), None);
        }
    }
}

#[test]
fn a_success_strikes_the_failures_out() {
    let world = World::new();
    for _ in 0..3 {
        fail(&world, "ada", 4);
        world.signed_in();
    }
    assert!(world.memory.documents("attempts").is_empty());
}

#[test]
fn failures_are_forgotten() {
    let world = World::new();
    fail(&world, "ada", 5);
    pass(10 + 15 * 60);
    fail(&world, "ada", 5);
    assert_eq!(wait(&world, "ada"), Some(10));
    pass(24 * 60 * 60);
    fail(&world, "nobody", 1);
    assert_eq!(world.memory.documents("attempts").len(), 2);
}

#[test]
fn what_was_typed_is_not_kept() {
    let world = World::new();
    fail(&world, PASSWORD, 1);
    assert!(!format!("{:?}", world.memory.documents("attempts")).contains(PASSWORD));
}

#[test]
fn no_more_are_looked_at_at_once_than_may_run() {
    let world = World::new();
    let throttle = Throttle::new(&world.memory.client());
    let attempt = Attempt::new("ada", "");
    let begin = || run(throttle.begin(&attempt, now())).unwrap();
    let begun = (0..30).filter(|_| begin().is_none()).count();
    assert_eq!((begun, begin()), (16, Some(Refusal::Busy)));
    assert_eq!(world.login("ada", PASSWORD).status, 429);
    // One that comes to nothing is no failure, and those whose process died run no more after a while.
    let nothing: Result<Option<()>, ()> = Err(());
    run(throttle.end(&attempt, &nothing, now())).unwrap();
    assert_eq!((begin(), begin()), (None, Some(Refusal::Busy)));
    pass(31);
    assert_eq!(wait(&world, "ada"), None);
}

#[test]
fn of_many_wrong_ones_at_once_all_count() {
    let world = World::new();
    let throttle = Throttle::new(&world.memory.client());
    let attempt = Attempt::new("ada", "");
    for _ in 0..12 {
        assert_eq!(run(throttle.begin(&attempt, now())).unwrap(), None);
    }
    let wrong: Result<Option<()>, ()> = Ok(None);
    for _ in 0..12 {
        run(throttle.end(&attempt, &wrong, now())).unwrap();
    }
    assert_eq!(wait(&world, "ada"), Some(900));
    // Once the wait is over, it is one at a time.
    pass(900);
    let begin = || run(throttle.begin(&attempt, now())).unwrap();
    assert_eq!((begin(), begin()), (None, Some(Refusal::Busy)));
}

/// Signs in from an address.
fn from(world: &World, address: &str, password: &str) -> u16 {
    let body = json!({"username": "ada", "password": password});
    let call = Call::json("POST", "/auth/login", &body);
    world.send(call.header("spin-client-addr", address)).status
}

#[test]
fn a_strangers_guesses_lock_nobody_else_out() {
    let world = World::new();
    for port in 0..5 {
        assert_eq!(
            from(&world, &format!("203.0.113.9:{port}"), "wrong horse"),
            401
        );
    }
    assert_eq!(from(&world, "203.0.113.9:7", PASSWORD), 429);
    assert_eq!(from(&world, "203.0.113.10:7", PASSWORD), 200);
}

#[test]
fn guesses_from_many_addresses_are_slowed_but_not_for_a_browser_that_is_known() {
    let world = World::new();
    let login = json!({"username": "ada", "password": PASSWORD, "cookies": true});
    let browser = world.post("/auth/login", &login);
    let cookies = browser.headers.get_all("set-cookie").iter();
    let pairs = cookies.map(|line| line.to_str().unwrap().split(';').next().unwrap());
    let cookies = pairs.collect::<Vec<_>>().join("; ");
    for host in 0..50 {
        assert_eq!(
            from(&world, &format!("203.0.113.{host}:1"), "wrong horse"),
            401
        );
    }
    assert_eq!(from(&world, "203.0.113.99:1", PASSWORD), 429);
    let known = |password: &str, cookies: &str| {
        let body = json!({"username": "ada", "password": password});
        let call = Call::json("POST", "/auth/login", &body);
        world.send(call.header("cookie", cookies)).status
    };
    for _ in 0..5 {
        assert_eq!(known("wrong horse", &cookies), 401);
    }
    // Who stole the cookie guesses no faster.
    assert_eq!(known(PASSWORD, &cookies), 429);
    pass(10);
    assert_eq!(known(PASSWORD, &cookies), 200);
}

#[test]
fn what_cannot_be_compared_is_no_failure() {
    let world = World::new();
    let greedy = password::hash(PASSWORD)
        .unwrap()
        .replace("m=19456", "m=4294967295");
    world.add(Id::new(), "olga", &greedy);
    for _ in 0..10 {
        assert_eq!(world.login("olga", PASSWORD).status, 503);
    }
    let attempts = world.memory.documents("attempts");
    assert_eq!(attempts[0].get_i32("failures").unwrap(), 0);
}

#[test]
fn a_spray_over_thousands_of_names_changes_no_answer() {
    let world = World::new();
    let long_ago = now();
    for number in 0..8_100 {
        let spray = doc! {"_id": format!("name {number}"), "failures": 1, "last": long_ago};
        world.memory.put("attempts", spray);
    }
    pass(24 * 60 * 60);
    let before = world.memory.documents("attempts").len();
    assert_eq!(wait(&world, "ada"), None);
    assert!(world.memory.documents("attempts").len() < before);
}

#[test]
fn an_odd_count_locks_nobody_out() {
    let world = World::new();
    let name = tokens::digest("ada\n");
    let far_ahead = Moment::clamped(4_102_444_800_000);
    for (failures, last, status) in [
        (-5, now(), 200),
        (i32::MIN, now(), 200),
        (i32::MAX, Moment::clamped(0), 200),
        (0, far_ahead, 200),
        (i32::MAX, now(), 429),
        (5, far_ahead, 429),
    ] {
        let attempts = doc! {"_id": &name, "failures": failures, "last": last};
        world.memory.put("attempts", attempts);
        let answer = world.login("ada", PASSWORD);
        assert_eq!(answer.status, status, "{failures} {last}");
        if status == 429 {
            let seconds: u64 = answer.headers["retry-after"]
                .to_str()
                .unwrap()
                .parse()
                .unwrap();
            assert!((1..=900).contains(&seconds));
        }
        let client = world.memory.client();
        let all = client.collection::<Raw>("attempts");
        run(all.delete_many(doc! {})).unwrap();
    }
}
