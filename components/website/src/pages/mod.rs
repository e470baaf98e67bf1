//! A page a file, and what several of them show.

pub mod account;
pub mod book;
pub mod bookings;
pub mod calendar;
pub mod cancel;
pub mod day;
pub mod film;
pub mod for_you;
pub mod home;
pub mod language;
pub mod leaving;
pub mod reset;
pub mod search;
pub mod seats;
pub mod showings;
pub mod sign_in;
pub mod sign_up;
pub mod staff;
pub mod ticket;
