//! The recommender component.
