//! End to end: the real components on a real host, known by their HTTP alone. A module is a subject. How long anything
//! takes is never what a test asserts.

#![allow(clippy::unwrap_used)]

mod access;
mod adopt;
mod attempts;
mod bookings;
mod concurrency;
mod cookies;
mod day;
mod durability;
mod errors;
mod faults;
mod grpc;
mod grpc_wire;
mod health;
mod hostile;
mod idempotency;
mod lifecycle;
mod movies;
mod openapi;
mod paging;
mod problems;
mod readme;
mod seats;
mod secrets;
mod sessions;
mod showtimes;
mod siblings;
mod sign_in;
mod suggestions;
mod tokens;
mod trace;
mod traces;
mod users;
mod website;
mod website_staff;
