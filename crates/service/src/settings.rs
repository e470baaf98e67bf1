//! A service's settings, and what an instance makes of them once for all its requests.

use std::{cell::OnceCell, fmt, rc::Rc};

use data_api_client::{Config, Moment};

use crate::{Clock, Problem};

/// A service's settings, by name; what is empty is not set. A clone shares what is made of them.
#[derive(Clone)]
pub(crate) struct Settings(Rc<Kept>);

struct Kept {
    read: Box<Read>,
    storage: OnceCell<Rc<Config>>,
    clock: OnceCell<Clock>,
}

type Read = dyn Fn(&str) -> Option<String>;

thread_local! {
    static OWN: Settings = Settings::new(door::setting);
}

impl Settings {
    /// The component's own, for as long as this instance lives.
    pub(crate) fn own() -> Self {
        OWN.with(Self::clone)
    }

    pub(crate) fn new(read: impl Fn(&str) -> Option<String> + 'static) -> Self {
        Self(Rc::new(Kept {
            read: Box::new(read),
            storage: OnceCell::new(),
            clock: OnceCell::new(),
        }))
    }

    pub(crate) fn get(&self, name: &str) -> Option<String> {
        (self.0.read)(name)
    }

    pub(crate) fn required(&self, name: &'static str) -> Result<String, Problem> {
        self.get(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| Problem::unset(name))
    }

    /// Where storage is, and how it knows us.
    pub(crate) fn storage(&self) -> Result<Rc<Config>, Problem> {
        once(&self.0.storage, || {
            let config = Config::from_settings(|name| self.get(name));
            let config = config.map_err(|error| Problem::unavailable("storage", error, None))?;
            Ok(Rc::new(config))
        })
    }

    /// The clock of the cinema's time zone.
    pub(crate) fn clock(&self) -> Result<Clock, Problem> {
        once(&self.0.clock, || {
            let name = self.get("time_zone").filter(|name| !name.is_empty());
            Clock::new(name.as_deref().unwrap_or("UTC"), Moment::now).ok_or_else(|| {
                let reason = "give a name of the IANA's time zone database, such as Europe/Berlin";
                Problem::unusable("time_zone", reason)
            })
        })
    }
}

/// What is kept, made where it is not yet; what can't be made is tried again.
fn once<T: Clone>(
    kept: &OnceCell<T>,
    make: impl FnOnce() -> Result<T, Problem>,
) -> Result<T, Problem> {
    match kept.get() {
        Some(made) => Ok(made.clone()),
        None => {
            let made = make()?;
            Ok(kept.get_or_init(|| made).clone())
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Settings")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn what_is_made_of_settings_is_made_once_and_of_these_alone() {
        let read = Rc::new(Cell::new(0));
        let settings = |zone: &'static str| {
            let read = Rc::clone(&read);
            Settings::new(move |name| {
                read.set(read.get() + 1);
                match name {
                    "data_api_url" => Some("http://localhost".to_owned()),
                    "time_zone" => Some(zone.to_owned()),
                    _ => None,
                }
            })
        };
        let (berlin, nowhere) = (settings("Europe/Berlin"), settings("Nowhere"));
        let config = berlin.storage().unwrap();
        berlin.clock().unwrap();
        let once = read.get();
        let again = berlin.clone();
        assert!(Rc::ptr_eq(&again.storage().unwrap(), &config));
        again.clock().unwrap();
        assert_eq!(read.get(), once);
        for _ in 0..2 {
            assert!(nowhere.clock().unwrap_err().status.is_server_error());
        }
        assert_eq!(read.get(), once + 2);
    }
}
