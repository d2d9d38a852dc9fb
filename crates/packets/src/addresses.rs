//! Addresses with a meaning of their own, and how far a packet to each of them comes.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use internet::packet::echo_request;
use internet::{TopologyError, What, Why};

use crate::world::{LAPTOP, World};

/// An address with a meaning of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Special {
    /// What its kind is called.
    pub kind: &'static str,
    /// An IPv4 address of that kind.
    pub v4: Ipv4Addr,
    /// An IPv6 address of that kind.
    pub v6: Option<Ipv6Addr>,
    /// What it names.
    pub names: &'static str,
}

/// The kinds (RFC 6890, RFC 4291), an example of each.
pub fn special_addresses() -> Vec<Special> {
    let special = |kind, v4: [u8; 4], v6: Option<&str>, names| {
        let v6 = v6.and_then(|text| text.parse().ok());
        Special { kind, v4: v4.into(), v6, names }
    };
    vec![
        special("loopback", [127, 0, 0, 1], Some("::1"), "this machine"),
        special("private", [192, 168, 1, 20], Some("fd00::20"), "one in this house"),
        special("link-local", [169, 254, 0, 9], Some("fe80::9"), "one on this link"),
        special("any", [0, 0, 0, 0], Some("::"), "none in particular"),
        special("broadcast", [255, 255, 255, 255], None, "all on this link"),
    ]
}

/// Where a packet was dropped, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// The router.
    pub at: String,
    /// The reason.
    pub why: Why,
}

/// How far a packet to `destination` comes that leaves the laptop. (A system keeps most of these to
/// itself; ours sends all that it is given.)
///
/// # Errors
/// Those of [`World::new`].
pub fn how_far(destination: Ipv4Addr) -> Result<Option<End>, TopologyError> {
    let mut world = World::new(1, 0)?;
    world.net.inject(world.laptop, echo_request(LAPTOP, destination, 64, 1, b"hello"));
    world.net.run_until(Duration::from_secs(1));
    let end = world.net.record().notes.iter().find_map(|note| match note.what {
        What::Dropped(why) => Some(End { at: world.net.name(note.from).to_owned(), why }),
        _ => None,
    });
    Ok(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::SERVER;

    #[test]
    fn the_standard_library_agrees_on_each_kind() {
        for Special { kind, v4, v6, .. } in special_addresses() {
            let v6 = v6.unwrap_or(Ipv6Addr::LOCALHOST);
            let is_that_kind = match kind {
                "loopback" => v4.is_loopback() && v6.is_loopback(),
                "private" => v4.is_private() && v6.is_unique_local(),
                "link-local" => v4.is_link_local() && v6.is_unicast_link_local(),
                "any" => v4.is_unspecified() && v6.is_unspecified(),
                "broadcast" => v4.is_broadcast(),
                _ => false,
            };
            assert!(is_that_kind, "{kind}");
        }
    }

    #[test]
    fn none_of_them_crosses_the_internet() -> Result<(), TopologyError> {
        for Special { kind, v4, .. } in special_addresses() {
            let end = how_far(v4)?.map(|end| (end.at, end.why));
            let expected = match kind {
                "private" => ("north", Why::NoRoute),
                _ => ("home", Why::NotForwarded),
            };
            assert_eq!(end, Some((expected.0.to_owned(), expected.1)), "{kind}");
        }
        assert_eq!(how_far(SERVER)?, None);
        Ok(())
    }
}
