//! Enums as documents: a variant that holds something is a document with just its name.

use bson::{Bson, doc};
use serde::{Deserialize, Serialize};

use crate::{Id, Stored};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Film {
    #[serde(alias = "_id")]
    id: Id,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum End {
    Left(Film),
    Empty(i32),
    Off,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Evening {
    #[serde(alias = "_id")]
    id: String,
    end: End,
}

#[test]
fn a_variant_stands_by_its_name() {
    let left = End::Left(Film { id: Id::LEAST });
    let by_itself = left.to_document().unwrap();
    let inside = by_itself.get_document("left").unwrap();
    assert_eq!(inside.get("id"), Some(&Id::LEAST.into()));
    let cases = [
        (left, Bson::from(by_itself)),
        (
            End::Left(Film { id: Id::LEAST }),
            doc! {"left": {"_id": Id::LEAST}}.into(),
        ),
        (End::Empty(7), doc! {"empty": 7_i64}.into()),
        (End::Off, "off".into()),
    ];
    for (end, stands) in cases {
        let document = doc! {"_id": "Friday", "end": stands};
        let id = "Friday".to_owned();
        assert_eq!(Evening::from_document(document), Ok(Evening { id, end }));
    }
    let misfits = [
        (Bson::from("on"), "end: unknown variant `on`"),
        (
            doc! {"empty": "7"}.into(),
            "end.empty: invalid type: string",
        ),
        (doc! {}.into(), "end: "),
        (Bson::from(7), "end: has to be a name"),
    ];
    for (end, said) in misfits {
        let misfit = Evening::from_document(doc! {"_id": "Friday", "end": end}).unwrap_err();
        assert!(misfit.to_string().starts_with(said), "{misfit}");
    }
}
