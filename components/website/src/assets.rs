//! The files that pages refer to, each at an address that changes with it, so that browsers keep them for good.

use std::rc::Rc;

use http::{HeaderName, header};
use service::{Problem, Reply, Request};

use crate::visit::Site;

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// `GET /assets/:file`
pub async fn read(_: Rc<Site>, request: Request) -> Result<Reply, Problem> {
    let name = request.param("file");
    let file = FILES.iter().find(|(known, ..)| *known == name);
    let (_, media, text) =
        file.ok_or_else(|| Problem::not_found(format!("there is no file {name}")))?;
    Ok(Reply::text(media, *text)
        .header(header::CACHE_CONTROL, "public, max-age=31536000, immutable")
        .header(
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ))
}

/// `GET /favicon.ico`, for who asks for it without having read a page.
pub async fn icon(_: Rc<Site>, _: Request) -> Result<Reply, Problem> {
    let icon = FILES.iter().find(|(name, ..)| ICON_SVG.ends_with(name));
    let (_, media, text) = icon.ok_or_else(|| Problem::not_found("there is no icon"))?;
    Ok(Reply::text(media, *text).header(header::CACHE_CONTROL, "public, max-age=86400"))
}

/// `GET /robots.txt`
pub async fn robots(_: Rc<Site>, _: Request) -> Result<Reply, Problem> {
    let text = "User-agent: *\nDisallow: /me\nDisallow: /staff\nDisallow: /book\nDisallow: /sign-in\nDisallow: /language\n";
    Ok(Reply::text("text/plain; charset=utf-8", text)
        .header(header::CACHE_CONTROL, "public, max-age=86400"))
}
