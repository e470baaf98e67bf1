//! BSON's types by number and by the names MongoDB has for them.

use bson::Bson;

/// Source: MongoDB's manual, "BSON Types".
const NAMES: [(&str, i32); 21] = [
    ("double", 1),
    ("string", 2),
    ("object", 3),
    ("array", 4),
    ("binData", 5),
    ("undefined", 6),
    ("objectId", 7),
    ("bool", 8),
    ("date", 9),
    ("null", 10),
    ("regex", 11),
    ("dbPointer", 12),
    ("javascript", 13),
    ("symbol", 14),
    ("javascriptWithScope", 15),
    ("int", 16),
    ("timestamp", 17),
    ("long", 18),
    ("decimal", 19),
    ("minKey", -1),
    ("maxKey", 127),
];

/// The number of a value's type.
pub fn number(value: &Bson) -> i32 {
    // The least key's type is 255 on the wire, and -1 to a query.
    (value.element_type() as i8).into()
}

/// The name of a value's type.
pub fn name(value: &Bson) -> &'static str {
    let wanted = number(value);
    NAMES
        .iter()
        .find(|(_, number)| *number == wanted)
        .map_or("unknown", |(name, _)| name)
}

/// The types that a name stands for: one, but for `number`.
pub fn named(alias: &str) -> Option<Vec<i32>> {
    if alias == "number" {
        return Some(vec![1, 16, 18, 19]);
    }
    NAMES
        .iter()
        .find(|(name, _)| *name == alias)
        .map(|(_, number)| vec![*number])
}
