use internet::{Internet, Link, TcpConfig, TopologyError, Why};

use crate::{drops, seconds};

#[test]
fn a_host_listens_and_connects_before_it_has_a_link() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let tcp = TcpConfig { receive_buffer: 4000, ..TcpConfig::default() };
    let (a, b) = (net.host("a", "10.0.1.1")?, net.host_with("b", "10.0.2.1", tcp)?);
    net.listen(b, 80);
    let client = net.connect(a, "10.0.2.1", 80)?;
    assert_eq!(drops(&net), [Why::NoRoute]);
    net.link(a, b, Link { mtu: 1000, ..Link::default() })?;
    net.run_until(seconds(2));
    // The SYN was sent again, and all follows the link and the configuration.
    assert_eq!(net.write(client, &[7; 5000]), 5000);
    net.run_until(seconds(3));
    let server = net.accept(b, 80).expect("a connection");
    assert_eq!(net.read(server).len(), 4000);
    let largest = net.record().notes.iter().map(|note| note.packet.bytes.len()).max();
    assert_eq!(largest, Some(1000));
    Ok(())
}
