//! What `make up` tells a newcomer: the address, the routes, and requests worth trying.

use crate::{
    keys::{STAFF_PASSWORD, STAFF_USERNAME},
    sample::Client,
};
use anyhow::Result;
use host::manifest::Route;
use serde::Deserialize;
use std::fmt::Write as _;
use time::OffsetDateTime;

/// The text of the tour through the cinema that `client` talks to, as staff where it is signed in.
pub async fn tour(client: &Client, routes: &[Route], signed_in: bool) -> Result<String> {
    let base = client.base();
    let mut text = format!("\nThe cinema is at {base}\n\n");
    let width = routes
        .iter()
        .map(|route| route.pattern.len())
        .max()
        .unwrap_or(0);
    for Route { pattern, component } in routes {
        // Writing to a string cannot fail.
        _ = writeln!(text, "  {pattern:width$}  {component}");
    }
    let today = OffsetDateTime::now_utc().date();
    _ = write!(
        text,
        "\nTry:\n\n  curl '{base}/movies?min_rating=8&limit=5'\n  curl '{base}/showtimes?from={today}&limit=5'\n"
    );
    if !signed_in {
        text.push_str(NOBODY);
    } else if let Some(user) = someone(client).await? {
        text.push_str(&suggestions(base, &user));
    }
    text.push_str("\nCtrl-C stops it; the data stays.\n");
    Ok(text)
}

/// What is said where nobody can sign in.
const NOBODY: &str = "\nThat is all anyone may see: to sign in, `cinema keys --write` makes keys and a first staff user.\n";

/// How staff sees a user's suggestions. The password stays in its file.
fn suggestions(base: &str, user: &str) -> String {
    format!(
        r#"  . ./.env; TOKEN=$(curl -s '{base}/auth/login' -H 'content-type: application/json' -d "{{\"username\": \"${STAFF_USERNAME}\", \"password\": \"${STAFF_PASSWORD}\"}}" | sed 's/.*"access_token":"\([^"]*\).*/\1/')
  curl -H "Authorization: Bearer $TOKEN" '{base}/users/{user}/suggested'
"#
    )
}

/// The id of a user who has booked something, or else of any user.
async fn someone(client: &Client) -> Result<Option<String>> {
    #[derive(Deserialize)]
    struct Booking {
        userid: String,
    }
    #[derive(Deserialize)]
    struct User {
        id: String,
    }
    let bookings: Vec<Booking> = client.first("/bookings?limit=1").await?;
    if let Some(booking) = bookings.into_iter().next() {
        return Ok(Some(booking.userid));
    }
    let users: Vec<User> = client.first("/users?limit=1").await?;
    Ok(users.into_iter().next().map(|user| user.id))
}
