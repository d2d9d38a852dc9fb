//! Which connection a segment belongs to.

use std::time::Duration;

use internet::smoltcp::wire::IpEndpoint;
use internet::{Internet, Link, TopologyError};

/// A connection as the server sees it, and what it read from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The client's address and port.
    pub client: IpEndpoint,
    /// The server's address and port.
    pub server: IpEndpoint,
    /// What the client sent on it.
    pub read: String,
}

/// One machine makes two connections to one port of one server.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn two_connections() -> Result<Vec<Connection>, TopologyError> {
    let mut net = Internet::new(1);
    let client = net.host("client", "192.0.2.10")?;
    let server = net.host("server", "203.0.113.80")?;
    net.link(client, server, Link::default())?;
    net.listen(server, 80);
    for says in ["first", "second"] {
        let tcp = net.connect(client, "203.0.113.80", 80)?;
        net.run_until(net.now() + Duration::from_secs(1));
        net.write(tcp, says.as_bytes());
    }
    net.run_until(net.now() + Duration::from_secs(1));
    let mut connections = Vec::new();
    while let Some(tcp) = net.accept(server, 80) {
        let read = String::from_utf8_lossy(&net.read(tcp)).into_owned();
        let socket = net.tcp(tcp);
        if let (Some(server), Some(client)) = (socket.local_endpoint(), socket.remote_endpoint()) {
            connections.push(Connection { client, server, read });
        }
    }
    Ok(connections)
}

/// Ports that one meets, and what listens there. Those up to 1023 are called system or well-known
/// ports, those up to 49151 registered, and the rest are free for clients (RFC 6335).
pub const KNOWN: [(u16, &str); 8] = [
    (22, "SSH"),
    (53, "DNS"),
    (80, "HTTP"),
    (443, "HTTPS"),
    (5432, "PostgreSQL"),
    (6379, "Redis"),
    (8080, "HTTP, in tests"),
    (27017, "MongoDB"),
];

/// What kind of port a number is.
pub fn kind(port: u16) -> &'static str {
    match port {
        0..=1023 => "well-known",
        1024..=49151 => "registered",
        49152.. => "of clients",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clients_port_tells_two_connections_apart() -> Result<(), TopologyError> {
        let connections = two_connections()?;
        let [first, second] = &connections[..] else { panic!("{connections:?}") };
        assert_eq!((&*first.read, &*second.read), ("first", "second"));
        assert_eq!(first.server, second.server);
        assert_eq!(first.client.addr, second.client.addr);
        assert_ne!(first.client.port, second.client.port);
        assert_eq!(kind(first.client.port), "of clients");
        Ok(())
    }
}
