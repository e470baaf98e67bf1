//! `/language/{tag}`: the language that somebody chooses, and back to where they were.

use std::rc::Rc;

use http::header;
use service::{Problem, Reply, cookies};

use crate::{messages, visit::Visit};

/// For how long a language is chosen, in seconds.
const YEAR: u64 = 365 * 24 * 60 * 60;

/// `GET /language/:tag`
pub async fn choose(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let tag = visit.request.param("tag");
    let texts = messages::tagged(tag)
        .ok_or_else(|| Problem::not_found(format!("there is no language {tag}")))?;
    let cookie = cookies::set(messages::COOKIE, texts.tag, YEAR, visit.origin.is_https);
    Ok(visit
        .on_to(&visit.next().unwrap_or_else(|| "/".to_owned()))
        .header(header::SET_COOKIE, cookie))
}
