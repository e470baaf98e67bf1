//! How many connections there are.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::activity::Activity;

/// All connections, in the order in which they came.
#[derive(Clone)]
pub struct Crowd {
    most: usize,
    open: Arc<Mutex<Open>>,
}

#[derive(Default)]
struct Open {
    came: u64,
    connections: BTreeMap<u64, Connection>,
}

struct Connection {
    activity: Arc<Activity>,
    /// None for a trusted proxy.
    address: Option<IpAddr>,
}

impl Crowd {
    /// So many at most, of one address half of them.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            open: Arc::default(),
        }
    }

    /// Lets a connection in, until what is given is dropped. Where there are too many, of its address or in all, the oldest one that is
    /// idle gives way; none where all are at work.
    pub fn enter(&self, address: Option<IpAddr>, activity: &Arc<Activity>) -> Option<Entered> {
        let mut open = self.open();
        if let Some(address) = address {
            let of_its_own = |connection: &Connection| connection.address == Some(address);
            open.make_room(self.most.div_ceil(2), of_its_own)?;
        }
        open.make_room(self.most, |_| true)?;
        open.came += 1;
        let number = open.came;
        let activity = Arc::clone(activity);
        open.connections
            .insert(number, Connection { activity, address });
        Some(Entered {
            number,
            crowd: self.clone(),
        })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.open().connections.len()
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Has the oldest idle one of these give way, where there are as many as there may be.
    fn make_room(&mut self, most: usize, these: impl Fn(&Connection) -> bool) -> Option<()> {
        let all = || self.connections.iter().filter(|(_, one)| these(one));
        if all().count() < most {
            return Some(());
        }
        let (&oldest, connection) = all().find(|(_, one)| one.activity.idle_since().is_some())?;
        connection.activity.give_way();
        self.connections.remove(&oldest);
        Some(())
    }
}

/// A connection that was let in.
pub struct Entered {
    number: u64,
    crowd: Crowd,
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.crowd.open().connections.remove(&self.number);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const ONE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)));
    const OTHER: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2)));

    fn gives_way(activity: &Activity) -> bool {
        let end = activity.end(std::time::Duration::from_secs(3600));
        futures_now(end)
    }

    /// Whether a future is ready at once.
    fn futures_now(future: impl Future<Output = ()>) -> bool {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        std::pin::pin!(future).poll(&mut context).is_ready()
    }

    #[tokio::test]
    async fn the_oldest_that_is_idle_gives_way() {
        let crowd = Crowd::new(3);
        let activities = [0; 4].map(|_| Arc::new(Activity::default()));
        let busy = activities[0].begin();
        let entered = [0, 1, 2].map(|at| crowd.enter(None, &activities[at]).unwrap());
        let last = crowd.enter(None, &activities[3]).unwrap();
        let gone: Vec<_> = activities.iter().map(|one| gives_way(one)).collect();
        assert_eq!(gone, [false, true, false, false]);
        drop((busy, entered, last));
        assert!(crowd.open().connections.is_empty());
    }

    #[tokio::test]
    async fn an_address_has_half_and_nobody_enters_where_all_are_at_work() {
        let crowd = Crowd::new(4);
        let activity = Arc::new(Activity::default());
        let busy = activity.begin();
        let held = [0; 2].map(|_| crowd.enter(ONE, &activity).unwrap());
        assert!(crowd.enter(ONE, &activity).is_none());
        let others = [OTHER, None].map(|address| crowd.enter(address, &activity).unwrap());
        assert!(crowd.enter(None, &activity).is_none());
        drop((busy, held, others));
        assert!(crowd.enter(ONE, &activity).is_some());
    }
}
