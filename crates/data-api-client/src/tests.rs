//! What goes over the wire, and what is made of what comes back.

#![allow(clippy::unwrap_used)]

mod answers;
mod inserts;
#[cfg(feature = "memory")]
mod memory;
mod paging;
mod requests;
mod retries;
mod shape;
mod variants;

use futures::executor::block_on;

use crate::scripted::Scripted;
use crate::{Auth, Client, Collection, Raw};

fn films(transport: &Scripted) -> Collection<Scripted, Raw> {
    transport.client().collection("movies")
}

fn client_with(transport: &Scripted, auth: Auth) -> Client<Scripted> {
    transport.client_with(auth)
}
