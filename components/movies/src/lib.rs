//! The movies component.
