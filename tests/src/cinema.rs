//! The instance that tests share: a host started once on a fresh store, or whatever `CINEMA_URL` names.

use std::ops::Deref;
use std::sync::OnceLock;
use std::thread;

use crate::{Api, Host, staff};

/// The instance that tests share, as one test sees it: a client for those who run it. Other tests use it at the same time,
/// and it may hold other data.
pub struct Cinema {
    api: Api,
    host: Option<&'static Host>,
    mark: usize,
}

/// The address in `CINEMA_URL`.
pub(crate) fn url() -> Option<String> {
    std::env::var("CINEMA_URL")
        .ok()
        .filter(|url| !url.is_empty())
}

/// The shared host of ours.
pub(crate) fn host() -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    HOST.get_or_init(Host::start_shared)
}

/// The shared instance.
pub fn shared() -> Cinema {
    match given() {
        Some(api) => Cinema {
            api,
            host: None,
            mark: 0,
        },
        None => {
            let host = host();
            Cinema {
                api: host.api(),
                host: Some(host),
                mark: host.logs().mark(),
            }
        }
    }
}

/// The instance of `CINEMA_URL`, for a test that would rather have a host of its own, but needs none.
pub fn given() -> Option<Api> {
    url().map(|url| Api::staff(&url, staff::Token::of_given()))
}

impl Cinema {
    /// Whether it is a host of ours, and not what `CINEMA_URL` names.
    pub fn is_ours(&self) -> bool {
        self.host.is_some()
    }

    /// No component has trapped or panicked since the test began. Only a host of ours can be asked.
    #[track_caller]
    pub fn assert_no_trap(&self) {
        if let Some(host) = self.host {
            let traps = host.logs().traps_since(self.mark);
            assert!(traps.is_empty(), "{traps:#?}");
        }
    }
}

impl Deref for Cinema {
    type Target = Api;

    fn deref(&self) -> &Api {
        &self.api
    }
}

impl Drop for Cinema {
    fn drop(&mut self) {
        if let Some(host) = self.host
            && thread::panicking()
        {
            host.logs().show_since(self.mark);
        }
    }
}
