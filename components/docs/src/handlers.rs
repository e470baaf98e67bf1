//! A function a route.

use std::rc::Rc;

use http::header;
use service::{Caller, Context, Problem, Reply, Request, Role, Service};

/// The description, as JSON.
pub const DESCRIPTION: &str = include_str!(concat!(env!("OUT_DIR"), "/openapi.json"));

/// The page.
pub const PAGE: &str = include_str!(concat!(env!("OUT_DIR"), "/page.html"));

/// Nothing: what is served is a part of the component.
pub struct Docs;

impl Service for Docs {
    async fn ready(&self) -> Result<(), Problem> {
        Ok(())
    }

    async fn standing(_: Context, caller: Caller) -> Result<Option<Role>, Problem> {
        Ok(Some(caller.role))
    }
}

/// `GET /openapi.json`. Pages of other origins may read it, as tools that show it do.
pub async fn description(_: Rc<Docs>, _: Request) -> Result<Reply, Problem> {
    let reply = Reply::text("application/json", DESCRIPTION);
    Ok(kept_awhile(reply).header(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
}

/// `GET /docs`
pub async fn page(_: Rc<Docs>, _: Request) -> Result<Reply, Problem> {
    let reply = Reply::text("text/html; charset=utf-8", PAGE);
    // The page has a style of its own and wants nothing else.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    Ok(kept_awhile(reply).header(header::CONTENT_SECURITY_POLICY, policy))
}

fn kept_awhile(reply: Reply) -> Reply {
    reply.header(header::CACHE_CONTROL, "public, max-age=300")
}
