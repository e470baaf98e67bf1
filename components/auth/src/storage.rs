//! What the service asks of storage.

use accounts::{Accounts, Sessions, Throttle};
use data_api_client::{Client, Error};
use door::Transport;

/// What is shared with users.
pub struct Storage<T> {
    client: Client<T>,
    pub accounts: Accounts<T>,
    pub throttle: Throttle<T>,
    pub sessions: Sessions<T>,
}

impl<T: Transport> Storage<T> {
    /// Those of a storage.
    pub fn new(client: Client<T>) -> Self {
        Self {
            accounts: Accounts::new(&client),
            throttle: Throttle::new(&client),
            sessions: Sessions::new(&client),
            client,
        }
    }

    /// Whether storage answers and takes writes.
    pub async fn ready(&self) -> Result<(), Error> {
        self.client.ready().await
    }
}
