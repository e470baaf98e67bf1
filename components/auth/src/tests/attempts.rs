//! Guessing takes ever longer.

use accounts::Throttle;

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
    assert_eq!(world.memory.documents("attempts").len(), 1);
}

#[test]
fn what_was_typed_is_not_kept() {
    let world = World::new();
    fail(&world, PASSWORD, 1);
    assert!(!format!("{:?}", world.memory.documents("attempts")).contains(PASSWORD));
}

#[test]
fn an_attempt_is_counted_before_it_is_looked_at() {
    let world = World::new();
    let throttle = Throttle::new(&world.memory.client());
    // As many as there are, none of which has come to an end.
    let admitted = (0..16).filter(|_| run(throttle.admit("ada", now())).unwrap().is_none());
    assert_eq!(admitted.count(), 5);
}

#[test]
fn an_odd_count_locks_nobody_out() {
    let world = World::new();
    let name = tokens::digest("ada");
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
