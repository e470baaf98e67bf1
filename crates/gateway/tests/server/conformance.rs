//! What whoever answers the protocol is held to.

use data_api_protocol::{Dialect, conformance};
use http::{Request, Response};
use tokio::runtime::Runtime;

use crate::{Database, Gateway};

/// The cases that a server answers differently by its own nature, and why.
const EVERYWHERE: [(&str, &str); 1] = [(
    "an_insert_of_many_is_all_or_nothing",
    "outside of transactions a server keeps what it inserted before one failed",
)];

/// More of them, with MongoDB; DocumentDB undoes the others.
const MONGODB: [(&str, &str); 1] = [(
    "many_are_updated_and_deleted_at_once",
    "outside of transactions it keeps what it updated before one failed",
)];

/// Yet more, with FerretDB 1.24.
const FERRETDB: [(&str, &str); 7] = [
    (
        "any_of_several_values_give_each_document_once",
        "it stores no arrays in arrays",
    ),
    ("ranges_hold_within_arrays", "it stores no arrays in arrays"),
    (
        "ranges_hold_for_every_type",
        "it ends the connection at a Decimal128",
    ),
    (
        "decimals_that_are_some",
        "it ends the connection at a Decimal128",
    ),
    (
        "every_type_survives",
        "it ends the connection at the rarer types",
    ),
    (
        "dates_are_shown_whole",
        "it ends the connection at JavaScript with a scope",
    ),
    ("collections_are_joined", "it has no $lookup"),
];

#[test]
fn the_gateway_answers_as_everybody_does_but_where_the_server_differs() {
    let database = Database::start();
    let gateway = Gateway::start(&database.uri(), &[]);
    let runtime = Runtime::new().unwrap();
    let client = gateway.client();
    let answer = |request: Request<Vec<u8>>| {
        let (head, body) = request.into_parts();
        let asked = client
            .request(head.method, format!("{}{}", gateway.url(), head.uri))
            .headers(head.headers)
            .body(body)
            .send();
        runtime.block_on(async {
            let answer = asked.await.unwrap();
            let mut response = Response::new(Vec::new());
            *response.status_mut() = answer.status();
            *response.headers_mut() = answer.headers().clone();
            *response.body_mut() = answer.bytes().await.unwrap().to_vec();
            response
        })
    };
    let mut failed = conformance::failures(&answer, Dialect::Extended);
    failed.sort_unstable();
    let told = |lists: &[&[(&'static str, &str)]]| {
        let mut cases: Vec<_> = lists.concat().into_iter().map(|(case, _)| case).collect();
        cases.sort_unstable();
        cases
    };
    let either = if database.is_ferret() {
        [told(&[&EVERYWHERE, &MONGODB, &FERRETDB]), Vec::new()]
    } else {
        [told(&[&EVERYWHERE, &MONGODB]), told(&[&EVERYWHERE])]
    };
    assert!(either.contains(&failed), "{failed:?}");
}
