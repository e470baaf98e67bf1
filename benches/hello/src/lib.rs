//! The least a component can do: it says hello, without looking at the request, without a router or storage. What it costs is
//! what the host and the SDK cost, and every other row of the benchmark is given as a share of it.

use spin_sdk::http::{IncomingRequest, Response};

#[spin_sdk::http_component]
async fn hello(_: IncomingRequest) -> Response {
    Response::builder()
        .status(200)
        .header("content-type", "text/plain")
        .body("Hello\n")
        .build()
}
