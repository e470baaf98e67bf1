//! Once through a collection: every document looked at, told of, and where it is asked for rewritten.

use std::{
    collections::HashMap,
    fmt,
    io::{self, Write},
};

use anyhow::{Result, bail};
use bson::{Bson, Document, doc, oid::ObjectId};
use data_api_client::{Client, Collection, Find, PAGE, Raw};
use door::Transport;
use indicatif::ProgressBar;

use super::{
    collections::{has_text_ids, shape_of},
    shape::{Change, Verdict},
};

/// How often a document that changes meanwhile is looked at again.
const ROUNDS: usize = 5;

/// What became of a collection's documents.
#[derive(Debug, Default)]
pub struct Report {
    /// In the shape.
    pub well: u64,
    /// Brought into it, or to be.
    pub rewritten: u64,
    /// Left, for somebody to look at.
    pub unreadable: u64,
    /// Whether rewriting was asked for.
    pub write: bool,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rewritten = if self.write {
            "rewritten"
        } else {
            "would be rewritten"
        };
        let Self {
            well,
            rewritten: count,
            unreadable,
            ..
        } = self;
        write!(
            f,
            "{well} well, {count} {rewritten}, {unreadable} cannot be read"
        )
    }
}

/// A pass through one collection.
pub struct Pass<'a, T> {
    collection: Collection<T, Raw>,
    name: &'static str,
    bar: &'a ProgressBar,
    out: &'a mut dyn Write,
    report: Report,
    /// The usernames seen or given so far, and the ids of those who have them.
    usernames: HashMap<String, Option<Bson>>,
}

impl<'a, T: Transport> Pass<'a, T> {
    /// One that tells on `out` of what cannot be read, and rewrites if `write` says so.
    pub fn new(
        client: &Client<T>,
        name: &'static str,
        write: bool,
        bar: &'a ProgressBar,
        out: &'a mut dyn Write,
    ) -> Self {
        Self {
            // A conditional write that is sent again finds nothing the second time, and looks again.
            collection: client.collection(name).idempotent(),
            name,
            bar,
            out,
            report: Report {
                write,
                ..Report::default()
            },
            usernames: HashMap::new(),
        }
    }

    /// How many documents there are, where the server says so.
    pub async fn count(&self) -> Option<u64> {
        let counted = self
            .collection
            .aggregate(vec![doc! {"$count": "n"}])
            .await
            .ok()?;
        let count = counted.first()?.get("n")?;
        super::values::integer(count)?.try_into().ok()
    }

    /// Goes through it: first by the ids that documents here should have, which is a walk along the index, and then through what
    /// has others.
    pub async fn run(mut self) -> Result<Report> {
        let (first, kind) = if has_text_ids(self.name) {
            (Bson::from(""), "string")
        } else {
            (ObjectId::from_bytes([0; 12]).into(), "objectId")
        };
        let mut from = doc! {"$gte": first};
        loop {
            let page = Find::filter(doc! {"_id": from})
                .sort(doc! {"_id": 1})
                .limit(PAGE);
            let last = self.page(page).await?;
            let Some(last) = last else { break };
            from = doc! {"$gt": last};
        }
        let odd = Find::filter(doc! {"_id": {"$not": {"$type": kind}}})
            .sort(doc! {"_id": 1})
            .limit(PAGE);
        let mut seen = 0;
        while self.page(odd.clone().skip(seen)).await?.is_some() {
            seen += PAGE;
        }
        Ok(self.report)
    }

    /// Looks at a page, and gives its last id.
    async fn page(&mut self, page: Find) -> Result<Option<Bson>> {
        let mut last = None;
        for document in self.collection.find(page).await? {
            last = document.get("_id").cloned();
            self.bar.inc(1);
            self.settle(document.0).await?;
        }
        Ok(last)
    }

    async fn settle(&mut self, mut document: Document) -> Result<()> {
        for _ in 0..ROUNDS {
            let id = document.get("_id").cloned().unwrap_or(Bson::Null);
            let change = match self.judge(&document).await? {
                Verdict::Well => {
                    self.report.well += 1;
                    return Ok(());
                }
                Verdict::Unreadable(why) => {
                    self.report.unreadable += 1;
                    tell(self.bar, self.out, self.name, &id, &why)?;
                    return Ok(());
                }
                Verdict::Rewritten(change) => change,
            };
            if !self.report.write || self.write(&change, &document).await? {
                self.report.rewritten += 1;
                return Ok(());
            }
            match self.collection.find_one(doc! {"_id": id}).await? {
                Some(now) => document = now.0,
                None => return Ok(()),
            }
        }
        bail!(
            "a document of {} changes faster than it can be rewritten; run this again",
            self.name
        )
    }

    async fn write(&self, change: &Change, document: &Document) -> Result<bool> {
        let written = self
            .collection
            .update_one(change.filter(document), change.update())
            .await?;
        Ok(written.matched > 0)
    }

    /// The document by itself, and among the others: no two users have one name.
    async fn judge(&mut self, document: &Document) -> Result<Verdict> {
        let verdict = shape_of(self.name, document).judge(document);
        if self.name != "users" {
            return Ok(verdict);
        }
        let new = match &verdict {
            Verdict::Rewritten(change) => change.get("username"),
            _ => None,
        };
        let taken = match new.or(document.get("username")) {
            Some(Bson::String(name)) if !matches!(verdict, Verdict::Unreadable(_)) => {
                let id = document.get("_id").cloned();
                let before = self.usernames.get(name);
                let seen = before.is_some_and(|before| *before != id);
                let taken =
                    seen || new.is_some() && is_taken(&self.collection, name, id.as_ref()).await?;
                if !taken {
                    self.usernames.insert(name.clone(), id);
                }
                taken
            }
            _ => false,
        };
        Ok(if taken {
            Verdict::Unreadable(TAKEN.to_owned())
        } else {
            verdict
        })
    }
}

/// Why a user with a name that is another's is left.
pub const TAKEN: &str = "username is another user's, too";

/// Whether another user has this name.
pub async fn is_taken<T: Transport>(
    users: &Collection<T, Raw>,
    username: &str,
    but: Option<&Bson>,
) -> Result<bool> {
    let named = users
        .find(Find::filter(doc! {"username": username}).limit(2))
        .await?;
    Ok(named.iter().any(|user| user.get("_id") != but))
}

/// Tells of a document that is left as it is.
pub fn tell(
    bar: &ProgressBar,
    out: &mut dyn Write,
    collection: &str,
    id: &Bson,
    why: &str,
) -> io::Result<()> {
    let id = match id {
        Bson::ObjectId(id) => id.to_hex(),
        Bson::String(text) => text.clone(),
        other => other.to_string(),
    };
    bar.suspend(|| writeln!(out, "{collection} {id}: {why}"))
}
