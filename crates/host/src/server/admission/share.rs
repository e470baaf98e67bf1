//! How much of something an address has.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

/// What is shared among addresses, so that none has more of it than it may.
#[derive(Clone)]
pub struct Shares {
    most: usize,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Shares {
    /// Of which each address has so much at most.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            taken: Arc::default(),
        }
    }

    /// One more for an address, until what is given is dropped; none where it has all that it may.
    pub fn take(&self, address: IpAddr) -> Option<Share> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(address).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Share {
            address,
            shares: self.clone(),
        })
    }
}

/// What an address has taken.
pub struct Share {
    address: IpAddr,
    shares: Shares,
}

impl Drop for Share {
    fn drop(&mut self) {
        let taken = &self.shares.taken;
        let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.address);
            }
        }
    }
}

/// Whom an address stands for: of IPv6, a network that one customer of a provider has (RFC 6177).
pub fn whose(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
        }
        address => address,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_as_much_as_it_may_and_others_have_theirs() {
        let shares = Shares::new(2);
        let [one, other] = ["192.0.2.1", "192.0.2.2"].map(|text| text.parse().unwrap());
        let held = [shares.take(one).unwrap(), shares.take(one).unwrap()];
        assert!(shares.take(one).is_none());
        assert!(shares.take(other).is_some());
        drop(held);
        assert!(shares.take(one).is_some());
        assert!(shares.taken.lock().unwrap().is_empty());
    }

    #[test]
    fn a_network_of_ipv6_stands_for_one() {
        let whose = |text: &str| super::whose(text.parse().unwrap()).to_string();
        assert_eq!(whose("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(whose("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(whose("192.0.2.1"), "192.0.2.1");
    }
}
