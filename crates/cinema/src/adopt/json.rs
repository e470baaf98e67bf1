//! The JSON files of umermansoor/microservices, from which this system descends: dictionaries of films by UUID, of users by
//! name, of showtimes by day, and of bookings by user and day.
//!
//! Ids are digests of the names that things have there, so that references need no table, and another run finds what is there.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    io::Write,
    path::Path,
};

use anyhow::{Context as _, Result};
use bson::{Bson, DateTime, Document, doc, oid::ObjectId};
use data_api_client::{Client, Collection, Error, Raw};
use door::Transport;
use indicatif::ProgressBar;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::{
    collections::shape_of,
    pass::{Report, TAKEN, is_taken, tell},
    shape::Verdict,
    values,
};

type ByDay = BTreeMap<String, Vec<String>>;

/// The documents of the files, in the order in which they refer to one another, still as foreign as they are.
pub fn read(folder: &Path) -> Result<Vec<(&'static str, Document)>> {
    let movies: BTreeMap<String, Document> = file(folder, "movies.json")?;
    let users: BTreeMap<String, Document> = file(folder, "users.json")?;
    let showtimes: ByDay = file(folder, "showtimes.json")?;
    let bookings: BTreeMap<String, ByDay> = file(folder, "bookings.json")?;
    let mut documents = Vec::new();
    for (uuid, movie) in movies {
        documents.push(("movies", known(movie, doc! {"_id": id("movies", &uuid)})));
    }
    for (name, user) in users {
        let user = known(user, doc! {"_id": id("users", &name), "username": &name});
        documents.push(("users", user));
    }
    for (date, movies) in showtimes {
        let showtime = doc! {"_id": day_id(&date), "date": &date, "movies": movie_ids(&movies)};
        documents.push(("showtimes", known(showtime, doc! {})));
    }
    for (user, days) in bookings {
        for (date, movies) in days {
            let booking = doc! {
                "_id": id("bookings", &format!("{user} {}", day(&date))),
                "userid": id("users", &user),
                "showtimeid": day_id(&date),
                "movies": movie_ids(&movies),
            };
            documents.push(("bookings", known(booking, doc! {})));
        }
    }
    Ok(documents)
}

fn file<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<T> {
    let path = folder.join(name);
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not such a file", path.display()))
}

/// The document, with what is known of it in front. Its id says nothing of when it was made, so that is now.
fn known(document: Document, mut known: Document) -> Document {
    known.extend(document);
    if !known.contains_key("createdon") {
        known.insert("createdon", DateTime::now());
    }
    known
}

fn id(collection: &str, name: &str) -> ObjectId {
    let digest = Sha256::digest(format!("{collection} {name}"));
    let mut bytes = [0; 12];
    bytes.copy_from_slice(&digest[..12]);
    ObjectId::from_bytes(bytes)
}

/// The day in its one shape, where it is one.
fn day(text: &str) -> String {
    values::day(&text.into()).unwrap_or_else(|| text.to_owned())
}

fn day_id(date: &str) -> ObjectId {
    id("showtimes", &day(date))
}

fn movie_ids(uuids: &[String]) -> Vec<ObjectId> {
    uuids.iter().map(|uuid| id("movies", uuid)).collect()
}

/// Stores what is not there yet, or only says what would be. What is there counts as well, whatever has become of it since.
pub async fn adopt<T: Transport>(
    client: &Client<T>,
    documents: Vec<(&'static str, Document)>,
    write: bool,
    bar: &ProgressBar,
    out: &mut dyn Write,
) -> Result<Report> {
    let mut report = Report {
        write,
        ..Report::default()
    };
    let mut there = HashSet::new();
    for (name, document) in documents {
        bar.inc(1);
        let collection: Collection<T, Raw> = client.collection(name);
        let id = document.get("_id").cloned().unwrap_or(Bson::Null);
        let found = collection
            .find_one(doc! {"_id": id.clone()})
            .await?
            .is_some();
        match fit(&collection, name, document, &there, found).await? {
            Ok(_) if found => report.well += 1,
            Ok(document) => {
                if write {
                    match collection.insert_one(&Raw(document)).await {
                        Ok(_) | Err(Error::DuplicateKey) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                report.rewritten += 1;
            }
            Err(why) => {
                report.unreadable += 1;
                tell(bar, out, name, &id, &why)?;
                continue;
            }
        }
        there.extend(id.as_object_id());
    }
    Ok(report)
}

/// The document in its shape, if all that it refers to is there; else why not.
async fn fit<T: Transport>(
    collection: &Collection<T, Raw>,
    name: &str,
    document: Document,
    there: &HashSet<ObjectId>,
    found: bool,
) -> Result<Result<Document, String>> {
    let document = match shape_of(name, &document).judge(&document) {
        Verdict::Well => document,
        Verdict::Rewritten(change) => change.apply(document),
        Verdict::Unreadable(why) => return Ok(Err(why)),
    };
    for reference in ["userid", "showtimeid", "movies"] {
        let ids = match document.get(reference) {
            Some(Bson::Array(ids)) => ids.as_slice(),
            Some(id) => std::slice::from_ref(id),
            None => &[],
        };
        let mut ids = ids.iter().filter_map(Bson::as_object_id);
        if ids.any(|id| !there.contains(&id)) {
            return Ok(Err(format!(
                "{reference} refers to what is in none of the files, or is left out"
            )));
        }
    }
    if let (false, Ok(username)) = (found, document.get_str("username"))
        && is_taken(collection, username, document.get("_id")).await?
    {
        return Ok(Err(TAKEN.to_owned()));
    }
    Ok(Ok(document))
}
