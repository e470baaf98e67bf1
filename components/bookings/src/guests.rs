//! Who is awaited at a showtime: what is booked there, with the names of those who did.

use std::{collections::HashMap, rc::Rc};

use door::Transport;
use serde::{Deserialize, Serialize};
use service::{Id, Page, PageRequest, Problem, Reply, Request};

use crate::{handlers::Bookings, model::Booking, storage::Wanted};

/// A showtime's guests come whole, up to so many bookings.
const WHOLE: usize = 1000;

/// A booking, and whose it is.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct Guest {
    pub booking: Booking,
    /// Left out where the user is not there any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Customer>,
}

/// Whoever booked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct Customer {
    pub id: Id,
    pub username: String,
    pub firstname: String,
    pub lastname: String,
}

/// `GET /bookings/guests/:id`
pub async fn read<T: Transport, S: Transport>(
    bookings: Rc<Bookings<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let (showtime, after) = (request.id("id")?, request.query_as("after")?);
    let booked = booked(&bookings, showtime, after).await?;
    let mut ids: Vec<Id> = booked.items.iter().map(|booking| booking.userid).collect();
    ids.sort_unstable();
    ids.dedup();
    let users: Vec<Customer> = match ids.as_slice() {
        [] => Vec::new(),
        ids => bookings.users.by_ids("/users", ids).await?,
    };
    let users: HashMap<Id, Customer> = users.into_iter().map(|user| (user.id, user)).collect();
    let guests = booked.map(|booking| Guest {
        user: users.get(&booking.userid).cloned(),
        booking,
    });
    Ok(Reply::page(&request, guests))
}

/// What is booked at a showtime, in order of id, up to so many.
async fn booked<T: Transport, S>(
    bookings: &Bookings<T, S>,
    showtime: Id,
    after: Option<Id>,
) -> Result<Page<Booking>, Problem> {
    let mut items = Vec::new();
    let mut next = after;
    loop {
        let wanted = Wanted {
            showtimeid: Some(showtime),
            ..Wanted::default()
        };
        let page = PageRequest {
            limit: PageRequest::MOST,
            after: next,
            ..PageRequest::default()
        };
        let mut page = bookings.storage.list(wanted, page).await?;
        items.append(&mut page.items);
        next = page.next;
        if next.is_none() || items.len() >= WHOLE {
            return Ok(Page { items, next });
        }
    }
}
