//! Whether the services serve, by `grpc.health.v1`: each is ready where its `/healthy` says so.

use futures::{Stream, stream};
use http::Method;
use service::{Context, Problem, grpc::Messages};
use tonic::Status;
use tonic_health::pb::{
    HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus,
};

/// The method's path.
pub const CHECK: &str = "/grpc.health.v1.Health/Check";

/// Who is behind which service of the contract.
const SERVICES: [(&str, &str); 5] = [
    ("cinema.v1.Auth", "auth"),
    ("cinema.v1.Bookings", "bookings"),
    ("cinema.v1.Movies", "movies"),
    ("cinema.v1.Showtimes", "showtimes"),
    ("cinema.v1.Users", "users"),
];

/// `Check`: of a service, or of whether anybody answers where none is named. NOT_FOUND for one that there is not.
pub fn check(
    context: Context,
    mut asked: Messages,
) -> impl Stream<Item = Result<HealthCheckResponse, Status>> {
    stream::once(async move {
        let HealthCheckRequest { service } = asked.next().await?.unwrap_or_default();
        let known = SERVICES.iter().find(|(name, _)| *name == service);
        let status = match known {
            Some((_, name)) if is_ready(&context, name).await.is_err() => ServingStatus::NotServing,
            Some(_) => ServingStatus::Serving,
            None if service.is_empty() => ServingStatus::Serving,
            None => return Err(Status::not_found(format!("there is no service {service}"))),
        };
        let status = status.into();
        Ok(HealthCheckResponse { status })
    })
}

async fn is_ready(context: &Context, name: &'static str) -> Result<(), Problem> {
    let path = format!("/{name}/healthy");
    let asked = context.sibling(name)?;
    asked
        .ask(Method::GET, &path, None::<&()>, Vec::new())
        .await
        .map(drop)
}
