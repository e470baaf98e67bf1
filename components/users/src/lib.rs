//! The users component.
