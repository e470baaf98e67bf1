//! The collections, and the shape of each one's documents.

use bson::{Bson, Document};

use super::{
    shape::{Change, Field, Kind, Shape},
    values::{self, given},
};

/// The collections that other programs may have written to, in the order in which they refer to one another.
pub const FOREIGN: [&str; 4] = ["movies", "users", "showtimes", "bookings"];

/// The collections that only the services write.
pub const OURS: [&str; 8] = [
    "usernames",
    "credentials",
    "sessions",
    "attempts",
    "idempotency",
    "seats",
    "screens",
    "locks",
];

/// A mark that a place is void: since when. Nothing can be written there any more.
const VOIDED: &str = "voided";

/// The shape that a document of a collection is to have.
pub fn shape_of(collection: &str, document: &Document) -> &'static Shape {
    match (collection, document.contains_key(VOIDED)) {
        ("users" | "showtimes", true) => &VOID,
        ("bookings", true) => &VOID_BOOKING,
        ("movies", _) => &MOVIE,
        ("users", _) => &USER,
        ("showtimes", _) => &SHOWTIME,
        ("bookings", _) => &BOOKING,
        ("usernames", _) => &RESERVATION,
        ("credentials", _) => &CREDENTIALS,
        ("sessions", _) => &SESSION,
        ("attempts", _) => &ATTEMPTS,
        ("idempotency", _) => &RECORD,
        ("screens", _) => &SHEET,
        ("locks", _) => &LOCK,
        _ => &LEDGER,
    }
}

/// Whether the collection's ids are text, and not ObjectIds.
pub fn has_text_ids(collection: &str) -> bool {
    matches!(
        collection,
        "usernames" | "attempts" | "idempotency" | "screens" | "locks"
    )
}

const fn field(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        others: &[],
        otherwise: None,
        required: true,
    }
}

const fn optional(name: &'static str, kind: Kind) -> Field {
    Field {
        required: false,
        ..field(name, kind)
    }
}

const fn foreign(id: Kind, fields: &'static [Field]) -> Shape {
    Shape {
        id,
        fields,
        ours: false,
    }
}

const fn ours(id: Kind, fields: &'static [Field]) -> Shape {
    Shape {
        id,
        fields,
        ours: true,
    }
}

const CREATEDON: Field = Field {
    others: &["created_at", "createdAt", "created"],
    otherwise: Some(|document, _| match document.get("_id")? {
        Bson::ObjectId(id) => Some(Bson::DateTime(id.timestamp())),
        _ => None,
    }),
    ..field("createdon", Kind::Moment)
};

static MOVIE: Shape = foreign(
    Kind::Id,
    &[
        Field {
            others: &["name"],
            ..field("title", Kind::Text(1..=200))
        },
        field("director", Kind::Text(1..=200)),
        field("rating", Kind::Rating),
        optional("minutes", Kind::Count(1..=999)),
        optional("poster", Kind::Text(1..=500)),
        CREATEDON,
    ],
);

static USER: Shape = foreign(
    Kind::Id,
    &[
        Field {
            others: &["user_name", "userName"],
            ..field("username", Kind::Username)
        },
        Field {
            others: &["first_name", "firstName"],
            otherwise: Some(first_name),
            ..field("firstname", Kind::Text(1..=100))
        },
        Field {
            others: &["last_name", "lastName"],
            otherwise: Some(last_name),
            ..field("lastname", Kind::Text(1..=100))
        },
        Field {
            otherwise: Some(|_, _| Some("customer".into())),
            ..field("role", Kind::Word(&["customer", "staff"]))
        },
        CREATEDON,
    ],
);

static SHOWTIME: Shape = foreign(
    Kind::Id,
    &[
        field("date", Kind::Day),
        Field {
            otherwise: Some(time_of_date),
            ..optional("time", Kind::Time)
        },
        optional("screen", Kind::Text(1..=50)),
        field("movies", Kind::Ids(1..=50)),
        optional("capacity", Kind::Count(1..=10_000)),
        optional("minutes", Kind::Count(1..=50 * 999)),
        optional("revision", COUNT),
        CREATEDON,
    ],
);

static BOOKING: Shape = foreign(
    Kind::Id,
    &[
        Field {
            others: &["user_id", "userId"],
            ..field("userid", Kind::Id)
        },
        Field {
            others: &["showtime_id", "showtimeId"],
            ..field("showtimeid", Kind::Id)
        },
        field("movies", Kind::Ids(1..=50)),
        Field {
            otherwise: Some(|_, _| Some(1.into())),
            ..field("seats", Kind::Count(1..=20))
        },
        optional("date", Kind::Day),
        optional("time", Kind::Time),
        optional("screen", Kind::Text(1..=50)),
        optional("films", Kind::List(FILM)),
        optional("cancelled", Kind::Document),
        optional("checkedin", Kind::Document),
        CREATEDON,
    ],
);

const FILM: &[Field] = &[field("id", Kind::Id), field("title", TEXT)];

static VOID: Shape = foreign(Kind::Id, &[field(VOIDED, Kind::Moment)]);

static VOID_BOOKING: Shape = foreign(
    Kind::Id,
    &[
        field(VOIDED, Kind::Moment),
        field("showtimeid", Kind::Id),
        optional("createdon", Kind::Moment),
        optional("by", Kind::Id),
        optional("seats", Kind::Count(1..=20)),
        optional("owes", Kind::Id),
    ],
);

/// Digests, hashes and names: as long as they are, they are text.
const TEXT: Kind = Kind::Text(1..=usize::MAX);
const COUNT: Kind = Kind::Count(0..=i32::MAX as i64);

static RESERVATION: Shape = ours(
    Kind::Username,
    &[field("userid", Kind::Id), field("at", Kind::Moment)],
);

static CREDENTIALS: Shape = ours(
    Kind::Id,
    &[
        field("password", TEXT),
        field("changedon", Kind::Moment),
        optional("code", Kind::Document),
    ],
);

static LOCK: Shape = ours(TEXT, &[field("by", Kind::Id), field("at", Kind::Moment)]);

static SESSION: Shape = ours(
    Kind::Id,
    &[
        field("userid", Kind::Id),
        field("current", TEXT),
        optional("family", TEXT),
        optional("previous", TEXT),
        optional("renewedon", Kind::Moment),
        optional("csrf", TEXT),
        optional("agent", TEXT),
        field("expires", Kind::Moment),
        field("createdon", Kind::Moment),
    ],
);

static ATTEMPTS: Shape = ours(
    TEXT,
    &[
        field("failures", COUNT),
        field("last", Kind::Moment),
        optional("running", Kind::Count(i32::MIN as i64..=i32::MAX as i64)),
        optional("began", Kind::Moment),
    ],
);

static RECORD: Shape = ours(
    TEXT,
    &[
        field("fingerprint", TEXT),
        field("bookingid", Kind::Id),
        field("createdon", Kind::Moment),
        optional("outcome", Kind::Document),
    ],
);

static SHEET: Shape = ours(
    TEXT,
    &[
        field("date", Kind::Day),
        field("version", Kind::Id),
        field("claims", Kind::List(CLAIM)),
    ],
);

const CLAIM: &[Field] = &[
    field("by", Kind::Id),
    field("showtime", Kind::Id),
    field("revision", COUNT),
    field("date", Kind::Day),
    field("time", Kind::Time),
    optional("minutes", Kind::Count(1..=50 * 999)),
    field("at", Kind::Moment),
];

static LEDGER: Shape = ours(
    Kind::Id,
    &[
        optional("date", Kind::Day),
        optional("epoch", Kind::Id),
        optional("taken", COUNT),
        field("holds", Kind::List(HOLD)),
        optional("released", Kind::Id),
        optional("terms", Kind::Document),
        optional("closed", Kind::Moment),
    ],
);

const HOLD: &[Field] = &[
    field("booking", Kind::Id),
    field("seats", COUNT),
    field("at", Kind::Moment),
    optional("user", Kind::Id),
    optional("movies", Kind::Ids(1..=50)),
];

/// Of a `name`: all of it beside a last name, else what stands before its last word.
fn first_name(document: &Document, change: &mut Change) -> Option<Bson> {
    let name = values::text(given(document, "name")?)?;
    let beside = ["lastname", "last_name", "lastName"];
    let first = if beside.iter().any(|key| given(document, key).is_some()) {
        name.as_str()
    } else {
        name.trim().rsplit_once(char::is_whitespace)?.0
    };
    change.remove("name");
    Some(first.trim().into())
}

/// The last word of a `name` of several, where no first name stands beside it.
fn last_name(document: &Document, change: &mut Change) -> Option<Bson> {
    let beside = ["firstname", "first_name", "firstName"];
    if beside.iter().any(|key| given(document, key).is_some()) {
        return None;
    }
    let name = values::text(given(document, "name")?)?;
    change.remove("name");
    Some(name.trim().rsplit_once(char::is_whitespace)?.1.into())
}

/// The time of day of a date that is a moment, unless it is midnight, which is no time but that of a bare day.
fn time_of_date(document: &Document, _: &mut Change) -> Option<Bson> {
    let date = given(document, "date")?;
    let bare = values::integer(date).is_some_and(|number| number.to_string().len() == 8);
    let moment = values::utc(values::moment(date).filter(|_| !bare)?)?;
    (moment.time() != time::Time::MIDNIGHT)
        .then(|| format!("{:02}:{:02}", moment.hour(), moment.minute()).into())
}
