//! MongoDB's driver by itself, under the load that wrk puts on a server of the Data API: the same requests, one after another and
//! round again, over so many connections at once. It prints the line that `bench_load.lua` prints.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use bson::{Bson, Document, RawDocumentBuf};
use clap::Parser;
use futures::future::try_join_all;
use mongodb::{Client, Collection, options::ClientOptions};

// As the gateway has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// As many documents as the gateway asks for at once.
const BATCH: u32 = 1000;

#[derive(Parser)]
struct Options {
    /// The server's connection string
    uri: String,
    /// A file of requests, each a line `METHOD <tab> path <tab> token <tab> body`
    requests: PathBuf,
    /// How many to have under way at once, each over a connection of its own
    #[arg(long)]
    connections: u32,
    /// How long; each connection asks once at least
    #[arg(long)]
    seconds: u64,
}

/// A request, and the collection that it is for. Documents that are read stay BSON, as bytes.
struct Request {
    collection: Collection<RawDocumentBuf>,
    asked: Asked,
}

enum Asked {
    FindOne(Document),
    Find(Document, i64),
    InsertOne(RawDocumentBuf),
    UpdateOne(Document, Document),
}

impl Request {
    /// That of a line.
    fn read(client: &Client, line: &str) -> anyhow::Result<Self> {
        let mut fields = line.splitn(4, '\t').skip(1);
        let (path, body) = (fields.next(), fields.nth(1));
        let json: serde_json::Value = serde_json::from_str(body.context("no body")?)?;
        let Bson::Document(mut body) = Bson::try_from(json)? else {
            bail!("a body has to be an object");
        };
        let database = client.database(body.get_str("database")?);
        let collection = database.collection(body.get_str("collection")?);
        let mut document = |name: &str| match body.remove(name) {
            Some(Bson::Document(document)) => Ok(document),
            None => Ok(Document::new()),
            _ => bail!("{name} has to be an object"),
        };
        let action = path.and_then(|path| path.rsplit('/').next());
        let asked = match action.unwrap_or_default() {
            "findOne" => Asked::FindOne(document("filter")?),
            "find" => Asked::Find(
                document("filter")?,
                body.get_i32("limit").unwrap_or(0).into(),
            ),
            "insertOne" => Asked::InsertOne((&document("document")?).try_into()?),
            "updateOne" => Asked::UpdateOne(document("filter")?, document("update")?),
            other => bail!("{other} is not measured"),
        };
        Ok(Self { collection, asked })
    }

    async fn ask(&self) -> mongodb::error::Result<()> {
        match &self.asked {
            Asked::FindOne(filter) => {
                self.collection.find_one(filter.clone()).await?;
            }
            Asked::Find(filter, limit) => {
                let found = self.collection.find(filter.clone()).limit(*limit);
                let mut cursor = found.batch_size(BATCH).await?;
                while cursor.advance().await? {}
            }
            Asked::InsertOne(document) => {
                self.collection.insert_one(document).await?;
            }
            Asked::UpdateOne(filter, update) => {
                self.collection
                    .update_one(filter.clone(), update.clone())
                    .await?;
            }
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let mut to = ClientOptions::parse(&options.uri).await?;
    to.max_pool_size = Some(options.connections);
    let client = Client::with_options(to)?;
    let requests = std::fs::read_to_string(&options.requests)?;
    let requests = requests.lines().map(|line| Request::read(&client, line));
    let requests = Arc::new(requests.collect::<anyhow::Result<Vec<_>>>()?);
    // A server's connections are there before it is measured; so are these.
    try_join_all((0..options.connections).map(|_| requests[0].ask())).await?;

    let turn = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let end = begun + Duration::from_secs(options.seconds);
    let asking = (0..options.connections).map(|_| {
        let (requests, turn) = (Arc::clone(&requests), Arc::clone(&turn));
        tokio::spawn(async move {
            let (mut taken, mut failed) = (Vec::new(), 0);
            while taken.is_empty() || Instant::now() < end {
                let request = &requests[turn.fetch_add(1, Ordering::Relaxed) % requests.len()];
                let asked = Instant::now();
                failed += usize::from(request.ask().await.is_err());
                taken.push(asked.elapsed().as_micros());
            }
            (taken, failed)
        })
    });
    let (taken, failed): (Vec<_>, Vec<_>) = try_join_all(asking).await?.into_iter().unzip();
    let duration = begun.elapsed().as_micros();
    let mut taken = taken.concat();
    taken.sort_unstable();
    let (count, failed) = (taken.len(), failed.iter().sum::<usize>());
    let (half, most) = (taken[count / 2], taken[count * 99 / 100]);
    println!("RESULT {count} {duration} {failed} {half} {most}");
    Ok(())
}
