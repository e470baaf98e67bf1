//! Which method is which route.

use std::{any::Any, rc::Rc};

use bytes::Bytes;
use prost::Message;
use tonic::Status;

use super::{
    call::{self, Call},
    codec::decoded,
};
use crate::{
    PageRequest, Problem, Reply,
    reply::{Content, Many, One},
};

/// A method: what its message asks a route for, and what is made of the reply.
pub(super) struct Row {
    pub call: Box<dyn Fn(Bytes) -> Result<Call, Status>>,
    pub form: Form,
}

/// What is made of a reply.
pub(super) enum Form {
    /// A message.
    Unary(Box<dyn Fn(Reply) -> Result<Vec<u8>, Problem>>),
    /// Messages, and the token of the page that goes on.
    Stream(Parts),
}

/// What makes a part of a stream of each reply.
pub(super) type Parts = Rc<dyn Fn(Reply) -> Result<(Vec<Vec<u8>>, Option<String>), Problem>>;

/// The methods of a service, one of which is looked for.
pub struct Methods {
    name: String,
    found: Option<Row>,
}

impl Methods {
    /// With which the method of this name is found.
    pub(super) fn looking_for(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            found: None,
        }
    }

    pub(super) fn found(self) -> Option<Row> {
        self.found
    }

    /// A method that is a route with nothing to say but that it is done, or with something in a form of its own: `call` is what its
    /// message asks for, `message` what is made of the reply.
    pub fn unary<M, T, P>(
        &mut self,
        name: &str,
        call: impl Fn(M) -> Call + 'static,
        message: impl Fn(T) -> P + 'static,
    ) where
        M: Message + Default,
        T: 'static,
        P: Message,
    {
        let form = || {
            Form::Unary(Box::new(move |reply| {
                Ok(message(said(reply)?).encode_to_vec())
            }))
        };
        self.add(name, call, form);
    }

    /// A method that is a route about a single thing.
    pub fn one<M, T, P>(
        &mut self,
        name: &str,
        call: impl Fn(M) -> Call + 'static,
        message: impl Fn(T) -> P + 'static,
    ) where
        M: Message + Default,
        T: 'static,
        P: Message,
    {
        self.unary(name, call, move |One { data }: One<T>| message(data));
    }

    /// A method that is a route of a list; `message` is made of a page, and of the token of the page that follows.
    pub fn page<M, T, P>(
        &mut self,
        name: &str,
        call: impl Fn(M) -> Call + 'static,
        message: impl Fn(Vec<T>, String) -> P + 'static,
    ) where
        M: Message + Default,
        T: 'static,
        P: Message,
    {
        self.unary(name, call, move |Many { data, next }: Many<T>| {
            message(data, next.as_deref().map(call::token).unwrap_or_default())
        });
    }

    /// A method that is a route of a list from page to page; `message` is made of each thing.
    pub fn stream<M, T, P>(
        &mut self,
        name: &str,
        call: impl Fn(M) -> Call + 'static,
        message: impl Fn(T) -> P + 'static,
    ) where
        M: Message + Default,
        T: 'static,
        P: Message,
    {
        let call = move |message| call(message).size(PageRequest::MOST as i32);
        let form = || {
            Form::Stream(Rc::new(move |reply| {
                let Many { data, next }: Many<T> = said(reply)?;
                let messages = data.into_iter().map(|one| message(one).encode_to_vec());
                Ok((messages.collect(), next.as_deref().map(call::token)))
            }))
        };
        self.add(name, call, form);
    }

    fn add<M: Message + Default>(
        &mut self,
        name: &str,
        call: impl Fn(M) -> Call + 'static,
        form: impl FnOnce() -> Form,
    ) {
        if self.name == name {
            self.found = Some(Row {
                call: Box::new(move |message| decoded(message).map(&call)),
                form: form(),
            });
        }
    }
}

/// What a reply says; nothing, where it is empty.
fn said<T: 'static>(reply: Reply) -> Result<T, Problem> {
    let said: Box<dyn Any> = match reply.content {
        Content::Value(value) => value,
        Content::Bytes(_) => Box::new(()),
    };
    let other = |_| Problem::internal("a method says something else than its route");
    said.downcast().map(|said| *said).map_err(other)
}
