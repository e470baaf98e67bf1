//! The settings of a component.

use super::{
    bindings::variables::{Error, Host},
    state::State,
};

impl Host for State {
    #[tracing::instrument(name = "spin_variables.get", skip_all, fields(otel.kind = "client"))]
    fn get(&mut self, name: String) -> Result<String, Error> {
        let valid = name.starts_with(|first: char| first.is_ascii_lowercase())
            && name
                .chars()
                .all(|character| matches!(character, 'a'..='z' | '0'..='9' | '_'));
        if !valid {
            return Err(Error::InvalidName(format!(
                "{name:?}: lower-case letters, digits and underscores only"
            )));
        }
        let value = self.component.variables.get(&name);
        value
            .map(str::to_owned)
            .ok_or_else(|| Error::Undefined(format!("the component has no variable {name}")))
    }
}
