//! Text with `{{ variable }}` in it.

use std::fmt;

/// A parsed text: literals and the names of variables, in turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Variable(String),
}

impl Template {
    /// Reads a text. The only fault is a `{{` that is never closed.
    pub(super) fn parse(mut text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        while let Some((literal, rest)) = text.split_once("{{") {
            let (name, rest) = rest.split_once("}}").ok_or("`{{` without `}}`: close it")?;
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            parts.push(Part::Variable(name.trim().to_owned()));
            text = rest;
        }
        if !text.is_empty() {
            parts.push(Part::Literal(text.to_owned()));
        }
        Ok(Self(parts))
    }

    /// The variables it names.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Variable(name) => Some(name.as_str()),
            Part::Literal(_) => None,
        })
    }

    /// The text with every variable replaced by what `value` gives for its name.
    pub(super) fn fill<'a, E>(
        &'a self,
        mut value: impl FnMut(&'a str) -> Result<&'a str, E>,
    ) -> Result<String, E> {
        self.0
            .iter()
            .map(|part| match part {
                Part::Literal(text) => Ok(text.as_str()),
                Part::Variable(name) => value(name),
            })
            .collect()
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Literal(text) => f.write_str(text),
            Part::Variable(name) => write!(f, "{{{{ {name} }}}}"),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn fill(text: &str) -> Result<String, String> {
        Template::parse(text)?.fill(|name| match name {
            "a" => Ok("1"),
            "b" => Ok("{{ a }}"),
            other => Err(format!("no {other}")),
        })
    }

    #[test]
    fn variables_are_replaced_once() {
        assert_eq!(fill("").unwrap(), "");
        assert_eq!(fill("plain } {").unwrap(), "plain } {");
        assert_eq!(fill("{{a}}-{{ a }}:{{  b  }}!").unwrap(), "1-1:{{ a }}!");
        assert_eq!(fill("x {{ c }}").unwrap_err(), "no c");
        assert_eq!(fill("{{ }}").unwrap_err(), "no ");
    }

    #[test]
    fn an_open_brace_is_refused() {
        assert!(fill("{{ a }} {{ b").is_err());
        assert_eq!(Template::parse("x{{a}}y").unwrap().to_string(), "x{{ a }}y");
    }
}
