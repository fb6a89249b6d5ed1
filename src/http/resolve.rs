//! Names to addresses, in an order in which one that is dead costs a third of a second and not half the time allowed.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::str::FromStr;

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name as HyperName};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tower_service::Service;

use super::fault;

/// The system's resolver, with its addresses arranged for hyper's race.
#[derive(Debug)]
pub(super) struct Resolver(GaiResolver);

impl Resolver {
    pub(super) fn new() -> Self {
        Self(GaiResolver::new())
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let mut system = self.0.clone();
        Box::pin(async move {
            let addresses = system.call(HyperName::from_str(name.as_str())?).await.map_err(cause)?;
            Ok(Box::new(arrange(addresses.collect()).into_iter()) as Addrs)
        })
    }
}

/// Finds out whether a look-up failed for want of a descriptor: glibc says then that the name does not exist.
fn cause(error: io::Error) -> io::Error {
    match UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)) {
        Err(shortage) if fault::shortage(&shortage).is_some() => shortage,
        _ => error,
    }
}

/// Adds the second and later of several IPv4 addresses once more, in their IPv6 form (RFC 4291 §2.5.5.2).
///
/// hyper tries the addresses of one family one after another, each for its share of `connectTimeout`; after 300 ms it
/// tries those of the other family beside them (RFC 8305). A service with two IPv4 addresses, one of them dead, would
/// wait for half the time allowed. In their IPv6 form the later ones race with the first. Where a system knows no IPv6
/// at all, that form fails at once, and all is as it was.
fn arrange(mut addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    if addresses.iter().all(SocketAddr::is_ipv4) {
        let mapped: Vec<_> = addresses.iter().skip(1).copied().filter_map(mapped).collect();
        addresses.extend(mapped);
    }
    addresses
}

fn mapped(address: SocketAddr) -> Option<SocketAddr> {
    match address.ip() {
        IpAddr::V4(ip) => Some(SocketAddr::new(ip.to_ipv6_mapped().into(), address.port())),
        IpAddr::V6(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arranged(addresses: &[&str]) -> Vec<String> {
        let addresses = addresses.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect();
        arrange(addresses).iter().map(|address| address.ip().to_string()).collect()
    }

    #[test]
    fn the_later_ipv4_addresses_race_with_the_first() {
        assert_eq!(arranged(&["10.0.0.1", "10.0.0.2"]), ["10.0.0.1", "10.0.0.2", "::ffff:10.0.0.2"]);
        assert_eq!(arranged(&["10.0.0.1"]), ["10.0.0.1"]);
    }

    #[test]
    fn addresses_of_two_families_race_as_they_are() {
        assert_eq!(arranged(&["::1", "10.0.0.1", "10.0.0.2"]), ["::1", "10.0.0.1", "10.0.0.2"]);
        assert_eq!(arranged(&[]), Vec::<String>::new());
    }
}
