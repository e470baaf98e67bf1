//! The component that ranks, which the manifest composes in, behind `wit/recommender.wit`.

/// The types of the interface, and the glue to call it: made from the WIT.
mod wit {
    wit_bindgen::generate!({ path: "../../wit", world: "suggesting" });
}

pub use wit::cinema::recommender::rank::{Movie, Request, Showing, Suggestion};

/// Who ranks. A trait, so that handlers run natively, where no component is composed in.
pub trait Recommender {
    /// Ranks the candidates of a request, best first.
    fn suggest(&self, request: &Request) -> Vec<Suggestion>;
}

/// The component that spin.toml names as `cinema:recommender/rank`.
pub struct Composed;

impl Recommender for Composed {
    fn suggest(&self, request: &Request) -> Vec<Suggestion> {
        wit::cinema::recommender::rank::suggest(request)
    }
}
