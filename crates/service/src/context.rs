//! The way to storage and to the sibling services, for the request being served.

use data_api_client::Client;
use door::{Outbound, Trace};

use crate::{Clock, Problem, Sibling, settings::Settings};

/// What a service is opened with.
#[derive(Debug, Clone)]
pub struct Context {
    trace: Trace,
    settings: Settings,
    /// The caller's token, as it came.
    token: Option<String>,
}

impl Context {
    pub(crate) fn new(trace: Trace, settings: Settings, token: Option<String>) -> Self {
        Self {
            trace,
            settings,
            token,
        }
    }

    /// The same in the name of whoever this token is of, or of nobody.
    pub fn on_behalf(&self, token: Option<String>) -> Self {
        Self {
            token,
            ..self.clone()
        }
    }

    /// A setting: a Spin variable of the component; none where it is not declared.
    pub fn setting(&self, name: &str) -> Option<String> {
        self.settings.get(name)
    }

    /// The cinema's clock, in the time zone that `time_zone` names: UTC where it names none.
    pub fn clock(&self) -> Result<Clock, Problem> {
        self.settings.clock()
    }

    /// Storage, where the `data_api_…` variables say it is.
    pub fn storage(&self) -> Result<Client<Outbound>, Problem> {
        let config = self.settings.storage()?;
        Ok(Client::new(config, Outbound::new(self.trace.clone())))
    }

    /// The sibling called `name`, at the address in `<name>_url`, which is asked in the caller's name.
    pub fn sibling(&self, name: &'static str) -> Result<Sibling<Outbound>, Problem> {
        let variable = format!("{name}_url");
        match self
            .setting(&variable)
            .filter(|address| !address.is_empty())
        {
            Some(address) => Ok(Sibling::new(
                name,
                &address,
                Outbound::new(self.trace.clone()).on_behalf(self.token.clone()),
            )),
            None => Err(Problem::unavailable(
                name,
                format!("set the variable {variable}"),
                None,
            )),
        }
    }
}
