//! What the descriptions show: the same things in all of them.

use accounts::User;
use data_api_client::{Id, Moment};
use service::Role;

/// The film of the examples.
pub const MOVIE: Id = example(1);

/// The showtime of the examples.
pub const SHOWTIME: Id = example(2);

/// The booking of the examples.
pub const BOOKING: Id = example(3);

/// The user of the examples.
pub const USER: Id = example(4);

/// When all of it was made.
pub const WHEN: Moment = Moment::clamped(1_890_844_200_000);

/// The user of the examples, whole.
pub fn user() -> User {
    User {
        id: USER,
        username: "ada".into(),
        firstname: "Ada".into(),
        lastname: "Marlow".into(),
        role: Role::Customer,
        createdon: WHEN,
    }
}

const fn example(number: u8) -> Id {
    Id::from_bytes([
        0x68, 0xa1, 0xf0, 0xc2, 0x7d, 0x5b, 0x3e, 0x9a, 0x41, 0xc8, 0x0f, number,
    ])
}
