//! The data-api component.
