//! What an instance goes by for a moment once it has read it: where many ask, few have it read anew, and nobody misses for long what
//! is new.

use std::{cell::RefCell, collections::HashMap, hash::Hash, rc::Rc};

use data_api_client::Moment;

/// For so many milliseconds.
const FRESH: i64 = 2_000;

/// Values that are alike for everybody, `MOST` of them at the most, each good for two seconds after it was read. A clone shares them.
#[derive(Debug, Clone)]
pub struct Fresh<K, V, const MOST: usize = 256>(Rc<RefCell<HashMap<K, (Moment, V)>>>);

impl<K, V, const MOST: usize> Default for Fresh<K, V, MOST> {
    fn default() -> Self {
        Self(Rc::default())
    }
}

impl<K: Eq + Hash, V: Clone, const MOST: usize> Fresh<K, V, MOST> {
    /// What was kept under a key, while it is good.
    pub fn get(&self, key: &K, now: Moment) -> Option<V> {
        let kept = self.0.borrow();
        let (since, value) = kept.get(key)?;
        is_good(*since, now).then(|| value.clone())
    }

    /// Keeps what was read at `since`.
    pub fn keep(&self, key: K, value: V, since: Moment) {
        let mut kept = self.0.borrow_mut();
        if kept.len() >= MOST {
            kept.retain(|_, (earlier, _)| is_good(*earlier, since));
        }
        if kept.len() < MOST {
            kept.insert(key, (since, value));
        }
    }
}

fn is_good(since: Moment, now: Moment) -> bool {
    (0..FRESH).contains(&(now.millis() - since.millis()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_was_read_is_good_for_a_moment() {
        let (kept, read) = (Fresh::<_, _>::default(), Moment::now());
        let after = |millis| read.after(Duration::from_millis(millis));
        kept.clone().keep("a", 1, read);
        assert_eq!(
            (kept.get(&"a", read), kept.get(&"b", read)),
            (Some(1), None)
        );
        assert_eq!(kept.get(&"a", after(1_999)), Some(1));
        assert_eq!(kept.get(&"a", after(2_000)), None);
        // A clock that was set back makes nothing good for longer.
        assert_eq!(kept.get(&"a", read.before(Duration::from_secs(9))), None);
    }

    #[test]
    fn no_more_is_kept_than_has_room() {
        let (kept, read) = (Fresh::<_, _, 9>::default(), Moment::now());
        for number in 0..20 {
            kept.keep(number, (), read);
        }
        assert_eq!(kept.0.borrow().len(), 9);
        let later = read.after(Duration::from_secs(5));
        kept.keep(0, (), later);
        assert_eq!((kept.0.borrow().len(), kept.get(&0, later)), (1, Some(())));
    }
}
