//! gRPC by tonic: the clients that it makes of the contract.

use tonic::service::{Interceptor, interceptor::InterceptedService};
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use tonic_types::StatusExt;

use crate::Api;

/// The contract.
#[allow(missing_docs)]
pub mod v1 {
    tonic::include_proto!("cinema.v1");
}

pub use prost_types::{FieldMask, Timestamp};
pub use tonic::Code;

/// A connection on which somebody is signed in, or nobody.
pub type Signed = InterceptedService<Channel, Authorization>;

/// Adds who asks.
#[derive(Debug, Clone)]
pub struct Authorization(Option<String>);

impl Interceptor for Authorization {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(value) = &self.0 {
            let value = value.parse().unwrap();
            request.metadata_mut().insert("authorization", value);
        }
        Ok(request)
    }
}

impl Api {
    /// A connection of its own for calls as whoever this client is.
    pub async fn grpc(&self) -> Signed {
        let address = format!("http://{}", self.address());
        let channel = Endpoint::try_from(address).unwrap().connect().await;
        let authorization = Authorization(self.authorization().await);
        InterceptedService::new(channel.unwrap(), authorization)
    }
}

/// Each fault of a status: its field, and what is said of it.
pub fn violations(status: &Status) -> Vec<[String; 2]> {
    let details = status.get_error_details();
    let violations = details.bad_request().map(|told| &told.field_violations);
    (violations.into_iter().flatten())
        .map(|told| [told.field.clone(), told.description.clone()])
        .collect()
}
