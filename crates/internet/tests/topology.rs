use internet::{Fault, Internet, Link, TopologyError};

fn message<T: std::fmt::Debug>(result: Result<T, TopologyError>) -> String {
    result.expect_err("the topology is invalid").to_string()
}

#[test]
fn an_invalid_address_is_refused() {
    let mut net = Internet::new(1);
    for text in [
        "",
        "10.0.1",
        "10.0.1.256",
        "::1",
        "localhost",
        "10.0.1.1/24",
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
    ] {
        let refused = message(net.host("a", text));
        assert!(refused.contains(&format!("{text:?} is not the address of a host")), "{refused}");
    }
}

#[test]
fn two_nodes_do_not_share_an_address() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    net.host("a", "10.0.1.1")?;
    assert_eq!(message(net.router("b", "10.0.1.1")), "10.0.1.1 is the address of a already");
    Ok(())
}

#[test]
fn an_invalid_prefix_is_refused() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let (a, b) = (net.router("a", "10.0.1.1")?, net.router("b", "10.0.2.1")?);
    net.link(a, b, Link::default())?;
    for text in ["", "10.0.2.0", "10.0.2.0/33", "10.0.2.0/x", "10.0.2.1/24", "10.0.2/24"] {
        let refused = message(net.route(a, text, b));
        assert!(refused.contains(&format!("{text:?} is not a prefix")), "{refused}");
    }
    for text in ["0.0.0.0/0", "10.0.2.0/24", "10.0.2.1/32"] {
        net.route(a, text, b)?;
    }
    Ok(())
}

#[test]
fn a_route_leads_to_a_neighbour() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let (a, b) = (net.router("a", "10.0.1.1")?, net.router("b", "10.0.2.1")?);
    let refused = "a has no link to b: a route leads to a neighbour";
    assert_eq!(message(net.route(a, "0.0.0.0/0", b)), refused);
    assert_eq!(message(net.fault(a, b, 1, Fault::Lose)), refused);
    Ok(())
}

#[test]
fn links_that_carry_nothing_or_exist_are_refused() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let (a, b) = (net.router("a", "10.0.1.1")?, net.router("b", "10.0.2.1")?);
    let unusable =
        "a link needs a rate of at least 1 bit a second and an MTU of 68 to 65,535 bytes";
    assert_eq!(message(net.link(a, b, Link { rate: 0, ..Link::default() })), unusable);
    for mtu in [67, 65_536, usize::MAX] {
        assert_eq!(message(net.link(a, b, Link { mtu, ..Link::default() })), unusable);
    }
    assert_eq!(message(net.link(a, a, Link::default())), "a and a cannot have another link");
    net.link(a, b, Link::default())?;
    assert_eq!(message(net.link(b, a, Link::default())), "b and a cannot have another link");
    Ok(())
}

#[test]
fn a_node_has_routes_to_its_neighbours_and_those_it_was_given() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let (host, router) = (net.host("host", "10.0.1.1")?, net.router("router", "10.0.0.1")?);
    let other = net.router("other", "10.0.0.2")?;
    net.link(host, router, Link::default())?;
    net.link(router, other, Link::default())?;
    net.route(router, "10.0.2.0/24", other)?;
    let routes = |node| {
        let lines = net.routes(node).map(|(prefix, via)| format!("{prefix} {}", net.name(via)));
        lines.collect::<Vec<_>>()
    };
    assert_eq!(routes(host), ["10.0.0.1/32 router", "0.0.0.0/0 router"]);
    assert_eq!(routes(router), ["10.0.1.1/32 host", "10.0.0.2/32 other", "10.0.2.0/24 other"]);
    Ok(())
}

#[test]
fn a_host_has_one_link() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let (a, b) = (net.router("a", "10.0.1.1")?, net.router("b", "10.0.2.1")?);
    let host = net.host("host", "10.0.3.1")?;
    net.link(host, a, Link::default())?;
    let refused = message(net.link(b, host, Link::default()));
    assert_eq!(refused, "host is a host and has a link already: a node with several is a router");
    Ok(())
}

#[test]
fn a_host_connects_to_one_host() -> Result<(), TopologyError> {
    let mut net = Internet::new(1);
    let host = net.host("host", "10.0.3.1")?;
    for address in ["0.0.0.0", "255.255.255.255", "224.0.0.1", "somewhere"] {
        assert!(message(net.connect(host, address, 80)).contains("is not the address of a host"));
    }
    Ok(())
}
