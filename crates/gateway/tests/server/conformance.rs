//! What whoever answers the protocol is held to.

use data_api_protocol::{Dialect, conformance};
use http::{Request, Response};
use tokio::runtime::Runtime;

use crate::{Database, Gateway};

/// The cases that a server answers differently by its own nature, and why. `true` is for FerretDB alone.
const DIFFERENCES: [(&str, bool, &str); 0] = [];

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
    let rows = DIFFERENCES.iter();
    let rows = rows.filter(|(_, ferret, _)| database.is_ferret() || !ferret);
    let mut expected: Vec<_> = rows.map(|(case, ..)| *case).collect();
    failed.sort_unstable();
    expected.sort_unstable();
    assert_eq!(failed, expected);
}
