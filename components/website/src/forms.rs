//! What people fill in. A form that is refused is shown again, with what was typed, and what the services said beside it.

use http::StatusCode;
use maud::{Markup, html};
use serde_json::{Map, Value};
use service::{Fault, Problem};

use crate::{messages::Texts, visit::Visit};

/// The field with which a form proves where it comes from.
const TOKEN: &str = "csrf";

/// What was filled in, and what is wrong with it.
#[derive(Debug, Default)]
pub struct Form {
    values: Vec<(String, String)>,
    faults: Vec<Fault>,
    /// What is wrong with the whole.
    said: Option<String>,
    status: Option<StatusCode>,
}

/// A field that people type into.
#[derive(Debug, Clone, Copy, Default)]
pub struct Field<'a> {
    pub name: &'a str,
    pub label: &'a str,
    /// The kind of input; text, where nothing is said.
    pub kind: &'a str,
    pub hint: &'a str,
    /// What a browser may fill in by itself; nothing, where nothing is said.
    pub autocomplete: &'a str,
    pub is_optional: bool,
    /// What keys a phone shows; those for a text, where nothing is said.
    pub inputmode: &'a str,
    /// What it has before anybody types.
    pub value: &'a str,
}

impl<'a> Field<'a> {
    /// A password that is chosen.
    pub fn new_password(t: &'a Texts, label: &'a str) -> Self {
        Self {
            name: "password",
            label,
            hint: t.sign_up_password_hint,
            kind: "password",
            autocomplete: "new-password",
            ..Self::default()
        }
    }
}

impl Visit {
    /// What has to be in every form.
    pub fn token(&self) -> Markup {
        html! { input type="hidden" name=(TOKEN) value=(self.session.csrf); }
    }

    /// What was sent from one of this session's pages. 403 where it was not.
    pub fn form(&self) -> Result<Form, Problem> {
        let form = Form {
            values: self.request.form()?,
            ..Form::default()
        };
        self.session.check(form.get(TOKEN))?;
        Ok(form)
    }
}

impl Form {
    /// What a field was filled in with; nothing, where it was not.
    pub fn get(&self, name: &str) -> &str {
        self.values
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }

    /// All that was chosen of a field that can be chosen several times.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.values
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// These fields as a body: all of them, as texts.
    pub fn body(&self, names: &[&str]) -> Value {
        let fields = names
            .iter()
            .map(|name| ((*name).to_owned(), Value::from(self.get(name))));
        Value::Object(fields.collect::<Map<_, _>>())
    }

    /// A field as a number; where it is none, as it is, for the service to say so.
    pub fn number(&self, name: &str) -> Value {
        let text = self.get(name).trim();
        text.parse::<i64>().map_or_else(|_| text.into(), Into::into)
    }

    /// Whether a field was among what was sent.
    pub fn has(&self, name: &str) -> bool {
        self.values.iter().any(|(known, _)| known == name)
    }

    /// A field that may be left empty, as a text; null where it is.
    pub fn text_or_none(&self, name: &str) -> Value {
        let text = self.get(name).trim();
        if text.is_empty() {
            Value::Null
        } else {
            text.into()
        }
    }

    /// The same as a number.
    pub fn number_or_none(&self, name: &str) -> Value {
        if self.get(name).trim().is_empty() {
            Value::Null
        } else {
            self.number(name)
        }
    }

    /// The same with what a service said against it. What is no word about what was filled in is a problem still.
    pub fn refused(self, problem: Problem) -> Result<Self, Problem> {
        let status = problem.status;
        let is_told = matches!(
            status,
            StatusCode::BAD_REQUEST
                | StatusCode::CONFLICT
                | StatusCode::UNPROCESSABLE_ENTITY
                | StatusCode::TOO_MANY_REQUESTS
        );
        if !is_told {
            return Err(problem);
        }
        let said = problem.errors.is_empty().then_some(problem.detail);
        Ok(Self {
            faults: problem.errors,
            said,
            status: Some(status),
            ..self
        })
    }

    /// The same with this word against the whole of it.
    pub fn wrong(self, status: StatusCode, said: &str) -> Self {
        Self {
            said: Some(said.to_owned()),
            status: Some(status),
            ..self
        }
    }

    /// The status of the page that shows it.
    pub fn status(&self) -> StatusCode {
        self.status.unwrap_or(StatusCode::OK)
    }

    fn faults_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Fault> {
        let is_of = move |fault: &&Fault| {
            let rest = fault.field.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        self.faults.iter().filter(is_of)
    }

    /// What is wrong, before all fields, which it leads to: `fields` are those that the form has.
    pub fn summary(&self, t: &Texts, fields: &[Field<'_>]) -> Markup {
        let known = |fault: &Fault| {
            let name = fault.field.split(['.', '[']).next();
            fields.iter().find(|field| name == Some(field.name))
        };
        html! {
            @if self.said.is_some() || !self.faults.is_empty() {
                div.notice.bad role="alert" tabindex="-1" data-focus {
                    @if let Some(said) = &self.said { p { (t.said(said)) } }
                    @if !self.faults.is_empty() {
                        p { (t.form_wrong(self.faults.len() as u32)) }
                        ul {
                            @for fault in &self.faults {
                                @match known(fault) {
                                    Some(field) => li { a href={ "#" (field.name) } { (field.label) } ": " (t.said(&fault.message)) },
                                    None => li { (fault.field) ": " (t.said(&fault.message)) },
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Fields, one after another.
    pub fn fields(&self, t: &Texts, fields: &[Field<'_>]) -> Markup {
        html! { @for field in fields { (self.field(t, *field)) } }
    }

    /// A field with its label, what it may be, what was typed, and what is wrong with it.
    pub fn field(&self, t: &Texts, field: Field<'_>) -> Markup {
        let Field {
            name, label, hint, ..
        } = field;
        let kind = if field.kind.is_empty() {
            "text"
        } else {
            field.kind
        };
        let is_wrong = self.faults_of(name).next().is_some();
        // A password is never sent back.
        let value = match self.values.iter().find(|(known, _)| known == name) {
            Some((_, typed)) => typed,
            None => field.value,
        };
        let value = if kind == "password" { "" } else { value };
        let (hint_id, fault_id) = (format!("{name}-hint"), format!("{name}-fault"));
        let described = match (hint.is_empty(), is_wrong) {
            (true, false) => None,
            (false, false) => Some(hint_id.clone()),
            (true, true) => Some(fault_id.clone()),
            (false, true) => Some(format!("{fault_id} {hint_id}")),
        };
        html! {
            div.field {
                label for=(name) { (label) @if field.is_optional { " " span.soft { "(" (t.form_optional) ")" } } }
                @if !hint.is_empty() { p.hint id=(hint_id) { (hint) } }
                input id=(name) name=(name) type=(kind) value=(value) required[!field.is_optional]
                    inputmode=[(!field.inputmode.is_empty()).then_some(field.inputmode)]
                    autocomplete=[(!field.autocomplete.is_empty()).then_some(field.autocomplete)]
                    autocapitalize=[(field.autocomplete == "username").then_some("none")]
                    spellcheck=[(field.autocomplete == "username").then_some("false")]
                    aria-invalid=[is_wrong.then_some("true")] aria-describedby=[described];
                (self.told(t, name))
            }
        }
    }

    /// What is wrong with a field.
    pub fn told(&self, t: &Texts, name: &str) -> Markup {
        html! {
            @if self.faults_of(name).next().is_some() {
                p.fault id={ (name) "-fault" } { @for fault in self.faults_of(name) { (t.said(&fault.message)) ". " } }
            }
        }
    }
}
