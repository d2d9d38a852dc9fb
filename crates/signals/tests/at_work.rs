//! Layers as people read them at work: the code on the page, and a test of it.

use etherparse::err::packet::SliceError;
use etherparse::{InternetSlice, SlicedPacket, TransportSlice};
use signals::layers::Layers;

/// Says who sends how much to whom, layer by layer.
fn summary(frame: &[u8]) -> Result<String, SliceError> {
    // Each slice is checked as it is cut: a header that lies about a length is an error.
    let packet = SlicedPacket::from_ethernet(frame)?;
    let (Some(InternetSlice::Ipv4(ip)), Some(TransportSlice::Tcp(tcp))) =
        (packet.net, packet.transport)
    else {
        return Ok("not TCP over IPv4".to_owned());
    };
    let (from, to) = (ip.header().source_addr(), ip.header().destination_addr());
    let (port, bytes) = (tcp.destination_port(), tcp.payload());
    let text = String::from_utf8_lossy(bytes);
    Ok(format!("{from} to {to}, port {port}: {}", text.lines().next().unwrap_or_default()))
}

#[test]
fn a_frame_is_read_layer_by_layer() {
    let frame = Layers::new().expect("it fits").on_ethernet();
    assert_eq!(
        summary(&frame).expect("sound"),
        "192.0.2.10 to 203.0.113.80, port 80: GET / HTTP/1.1"
    );
    for length in 0..54 {
        assert!(summary(&frame[..length]).is_err(), "{length} bytes");
    }
}
