//! The deployments, by the `dataSource` that means them.

use std::{collections::BTreeMap, time::Duration};

use anyhow::Context as _;
use bson::doc;
use data_api_protocol::Failure;
use mongodb::{Client, options::ClientOptions};

use crate::{metrics::Pool, settings::Settings};

/// How long a deployment has to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

/// The deployments.
#[derive(Clone)]
pub enum Sources {
    /// One, which every name means.
    One(Client),
    /// Several, each by its name.
    Named(BTreeMap<String, Client>),
}

impl Sources {
    /// Those of the settings. Nothing is connected to yet.
    ///
    /// # Errors
    /// A connection string that can't be used.
    pub async fn new(settings: &Settings, pool: &Pool) -> anyhow::Result<Self> {
        if let Some(uri) = &settings.uri {
            return Ok(Self::One(client("uri", uri, settings, pool).await?));
        }
        let mut named = BTreeMap::new();
        for (name, source) in &settings.sources {
            named.insert(
                name.clone(),
                client(name, &source.uri, settings, pool).await?,
            );
        }
        Ok(Self::Named(named))
    }

    /// The deployment that a name means.
    ///
    /// # Errors
    /// A name that means none.
    pub fn get(&self, name: Option<&str>) -> Result<&Client, Failure> {
        match (self, name) {
            (Self::One(client), _) => Ok(client),
            (Self::Named(named), Some(name)) => named
                .get(name)
                .ok_or_else(|| Failure::invalid(format!("dataSource: there is no {name}"))),
            (Self::Named(_), None) => Err(Failure::invalid("dataSource is required")),
        }
    }

    /// All of them, with their names.
    pub fn all(&self) -> Vec<(&str, &Client)> {
        match self {
            Self::One(client) => vec![("uri", client)],
            Self::Named(named) => {
                let named = named.iter();
                named
                    .map(|(name, client)| (name.as_str(), client))
                    .collect()
            }
        }
    }

    /// Whether all of them answer.
    pub async fn answer(&self) -> bool {
        let all = self.all();
        let pings = all.iter().map(async |(_, client)| {
            let admin = client.database("admin");
            let ping = admin.run_command(doc! {"ping": 1}).into_future();
            matches!(tokio::time::timeout(PATIENCE, ping).await, Ok(Ok(_)))
        });
        futures::future::join_all(pings)
            .await
            .into_iter()
            .all(|answers| answers)
    }
}

/// A driver's error may repeat the connection string, so it is not told.
async fn client(name: &str, uri: &str, settings: &Settings, pool: &Pool) -> anyhow::Result<Client> {
    let mut options = ClientOptions::parse(uri).await.map_err(|error| {
        let what = match *error.kind {
            mongodb::error::ErrorKind::DnsResolve { .. } => "its name is not resolved",
            _ => "it is no connection string of MongoDB",
        };
        anyhow::anyhow!("{name}: {what}; it looks like mongodb://user:password@host:27017")
    })?;
    options
        .app_name
        .get_or_insert_with(|| "data-api-gateway".to_owned());
    options.max_pool_size.get_or_insert(settings.pool);
    let selection = Duration::from_secs(settings.server_selection);
    options.server_selection_timeout.get_or_insert(selection);
    options
        .connect_timeout
        .get_or_insert(selection.max(PATIENCE));
    options.retry_writes.get_or_insert(true);
    options.cmap_event_handler = Some(pool.handler());
    Client::with_options(options).context(name.to_owned())
}
