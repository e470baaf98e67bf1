//! Values in the shapes that other programs give them.

use bson::{Bson, DateTime, Timestamp, doc};

use super::{super::values, id};

#[test]
fn a_number_is_read_from_every_type() {
    let long_decimal = f64::from(8.8f32);
    for (value, expected) in [
        (Bson::from("8.8"), Some(8.8)),
        (Bson::from(" 9 "), Some(9.0)),
        (Bson::from(long_decimal), Some(long_decimal)),
        (Bson::from(7), Some(7.0)),
        (Bson::from(7i64), Some(7.0)),
        (Bson::Decimal128("6.5".parse().unwrap()), Some(6.5)),
        (Bson::from("high"), None),
        (Bson::from("inf"), None),
        (Bson::from(f64::NAN), None),
        (Bson::Null, None),
        (Bson::from(true), None),
    ] {
        assert_eq!(values::number(&value), expected, "{value}");
    }
    for (value, expected) in [
        (Bson::from(3.0), Some(3)),
        (Bson::from("12"), Some(12)),
        (Bson::from(i64::MAX), Some(i64::MAX)),
        (Bson::from(2.5), None),
        (Bson::from(1e300), None),
    ] {
        assert_eq!(values::integer(&value), expected, "{value}");
    }
}

#[test]
fn a_moment_is_read_from_its_many_shapes() {
    let expected = DateTime::parse_rfc3339_str("2015-11-30T18:30:00Z").unwrap();
    let stamp = Timestamp {
        time: 1_448_908_200,
        increment: 1,
    };
    for value in [
        Bson::DateTime(expected),
        Bson::from("2015-11-30T18:30:00Z"),
        Bson::from("2015-11-30T19:30:00+01:00"),
        Bson::from("2015-11-30T18:30:00.000Z"),
        Bson::from("2015-11-30 18:30:00"),
        Bson::from("2015-11-30 18:30:00Z"),
        Bson::from("2015-11-30T18:30:00"),
        Bson::from("Mon, 30 Nov 2015 18:30:00 GMT"),
        Bson::from("1448908200"),
        Bson::from(1_448_908_200i64),
        Bson::from(1_448_908_200_000i64),
        Bson::from(1_448_908_200_000f64),
        Bson::Timestamp(stamp),
    ] {
        assert_eq!(values::moment(&value), Some(expected), "{value}");
        assert_eq!(
            values::day(&value).as_deref(),
            Some("2015-11-30"),
            "{value}"
        );
    }
    let midnight = DateTime::parse_rfc3339_str("2015-11-30T00:00:00Z").unwrap();
    assert_eq!(values::moment(&"2015-11-30".into()), Some(midnight));
    for value in ["", "soon", "2015-13-40", "30/11/2015"] {
        assert_eq!(values::moment(&value.into()), None, "{value}");
    }
}

#[test]
fn a_day_is_read_from_text_and_numbers() {
    for value in [
        Bson::from("2015-11-30"),
        Bson::from("20151130"),
        Bson::from(20_151_130),
        Bson::from(20_151_130i64),
    ] {
        assert_eq!(
            values::day(&value).as_deref(),
            Some("2015-11-30"),
            "{value}"
        );
    }
    for value in [
        "2015-02-30",
        "20150230",
        "2015113x",
        "201511-30",
        "é0151130",
    ] {
        assert_eq!(values::day(&value.into()), None, "{value}");
    }
}

#[test]
fn a_time_is_hours_and_minutes() {
    for (text, time) in [
        ("9:05", "09:05"),
        ("18:30", "18:30"),
        ("18:30:15.5", "18:30"),
    ] {
        assert_eq!(values::time(&text.into()).as_deref(), Some(time));
    }
    for text in [
        "",
        "24:00",
        "18:60",
        "18:5",
        "18",
        "18:30:61",
        "18:30:00:00",
        "+8:30",
        "noon",
    ] {
        assert_eq!(values::time(&text.into()), None, "{text}");
    }
}

#[test]
fn ids_may_be_text_or_stand_in_references() {
    for odd in [
        Bson::from(id(1)),
        id(1).to_hex().into(),
        doc! {"$ref": "movies", "$id": id(1)}.into(),
        doc! {"_id": id(1)}.into(),
    ] {
        assert_eq!(values::object_id(&odd), Some(id(1)), "{odd}");
    }
    // A whole document in place of its id would be lost.
    assert_eq!(
        values::object_id(&doc! {"_id": id(1), "title": "Heat"}.into()),
        None
    );
}
