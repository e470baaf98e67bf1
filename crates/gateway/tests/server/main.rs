//! The gateway in front of a real server: FerretDB, started here, or the one that `MONGODB_URI` names.
//!
//! - `process`, `database`, `gateway`: what is started, killed and started again
//! - `wire`: what goes between the gateway and the server, heard and cut

#![allow(clippy::unwrap_used)]

mod access;
mod bounds;
mod conformance;
mod database;
mod durability;
mod gateway;
mod process;
mod streams;
mod tls;
mod wire;

pub(crate) use database::Database;
pub(crate) use gateway::Gateway;
pub(crate) use wire::Wire;
