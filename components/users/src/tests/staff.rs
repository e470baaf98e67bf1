//! Who is staff is changed by staff, and somebody always is.

use accounts::{Accounts, Demotion, Staff};
use service::Moment;

use super::*;

fn patch(id: Id, body: &Value) -> Call {
    Call::json("PATCH", &format!("/users/{id}"), body)
}

#[test]
fn names_are_changed_by_oneself_and_the_role_by_staff() {
    let world = World::new();
    let id: Id = world.user().parse().unwrap();
    let changed = world.send_as_is(patch(id, &json!({"lastname": " Okafor "})).customer(id));
    assert_eq!(changed.json["data"]["lastname"], "Okafor");
    assert_eq!(changed.json["data"]["firstname"], "Ada");
    let role = json!({"role": "staff"});
    assert_eq!(world.send_as_is(patch(id, &role).customer(id)).status, 403);
    assert_eq!(world.send(patch(id, &role)).json["data"]["role"], "staff");
    for wrong in [
        json!({"username": "bob"}),
        json!({"lastname": null}),
        json!({"role": "owner"}),
    ] {
        assert_eq!(world.send(patch(id, &wrong)).status, 422, "{wrong}");
    }
    assert_eq!(world.send(patch(Id::new(), &role)).status, 404);
}

#[test]
fn the_last_of_the_staff_stays() {
    let world = World::new();
    let (one, other) = (world.staff_user("one"), world.staff_user("other"));
    let demote = |id| world.send(patch(id, &json!({"role": "customer"}))).status;
    let delete = |id| world.send(world.deletion(&format!("/users/{id}"))).status;
    assert_eq!(demote(one), 200);
    assert_eq!((demote(other), delete(other)), (409, 409));
    assert_eq!(
        world.send(patch(one, &json!({"role": "staff"}))).status,
        200
    );
    assert_eq!((delete(other), delete(one)), (204, 409));
    assert!(world.memory.documents("locks").is_empty());
}

#[test]
fn the_staff_is_changed_by_one_at_a_time() {
    let world = World::new();
    let (one, other) = (world.staff_user("one"), world.staff_user("other"));
    let client = world.memory.client();
    let (staff, accounts) = (Staff::new(&client), Accounts::new(&client));
    let begin = |id| run(staff.begin(&accounts, id)).unwrap();
    let Demotion::Free(by) = begin(one) else {
        panic!("nobody else is changing it");
    };
    assert_eq!(begin(other), Demotion::Busy);
    assert_eq!(
        world
            .send(patch(other, &json!({"role": "customer"})))
            .status,
        409
    );
    run(staff.end(by)).unwrap();
    assert!(matches!(begin(other), Demotion::Free(_)));
    // A process that died with it is not waited for for ever.
    let long_ago = Moment::clamped(0);
    let client = world
        .memory
        .client()
        .collection::<data_api_client::Raw>("locks");
    let set = client.update_one(
        bson::doc! {"_id": "staff"},
        bson::doc! {"$set": {"at": long_ago}},
    );
    run(set).unwrap();
    assert!(matches!(begin(one), Demotion::Free(_)));
}
