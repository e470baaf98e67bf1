//! The showtimes component.
