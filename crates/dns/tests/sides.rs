//! The servers and the resolver as real processes.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use dns::message::{id, is_truncated};
use dns::record::Kind;
use lesson_tests::Result;
use lesson_tests::process::Finished;

use crate::{LESSON, question};

/// A resolver that walks from this root, with a time limit that no server reaches here.
fn resolve(root: SocketAddr, args: &str) -> Result<Finished> {
    resolve_within("20s", root, args)
}

fn resolve_within(timeout: &str, root: SocketAddr, args: &str) -> Result<Finished> {
    let root = root.to_string();
    let args = args.split_whitespace();
    LESSON.run(["resolve", "--timeout", timeout, "--root", &root].into_iter().chain(args))
}

/// One that asks this server alone.
fn ask(server: SocketAddr, args: &str) -> Result<Finished> {
    let server = server.to_string();
    let args = args.split_whitespace();
    LESSON.run(["resolve", "--timeout", "20s", "--at", &server].into_iter().chain(args))
}

/// Another server of the tree with that root.
fn server(root: SocketAddr, place: u8) -> SocketAddr {
    dns::network::Places::new([127, 0, 0, 1].into(), root.port()).of([127, 1, 0, place].into())
}

#[test]
fn names_are_looked_up_and_answers_alone_are_printed() -> Result<()> {
    let (_servers, root) = LESSON.serve("serve")?;
    for (args, answer) in [
        ("web.example.com", "192.0.2.80\n"),
        ("WWW.Example.COM.", "192.0.2.80\n"),
        ("--type AAAA www.example.com", "2001:db8::80\n"),
        ("--type cname www.example.com", "web.example.com\n"),
        ("--type ns example.com", "ns1.example.com\nns2.example.com\n"),
        ("--type ns .", "a.root\n"),
        ("store.example.com api.example.com", "203.0.113.40\n198.51.100.7\n"),
    ] {
        let found = resolve(root, args)?.expect_code(0)?;
        assert_eq!((&*found.stdout, &*found.stderr), (answer, ""), "{args}");
    }
    let long = resolve(root, "--type txt long.example.com")?.expect_code(0)?.stdout;
    assert_eq!(long.lines().count(), 16);
    Ok(())
}

/// What one server says of a name, where it is not the answer.
#[test]
fn a_server_that_is_asked_alone_is_quoted_and_no_more() -> Result<()> {
    let (_servers, root) = LESSON.serve("serve --fault 127.1.0.5=lame")?;
    let [com, first, lame] = [2, 4, 5].map(|place| server(root, place));
    for (asked, name, error) in [
        (first, "web.example.com --type txt", "web.example.com exists, and has no TXT record"),
        (first, "nope.example.com", "nope.example.com does not exist (NXDOMAIN)"),
        (first, "web.example.org", "answers REFUSED"),
        (first, "ring1.example.com", "the alias ring1.example.com leads back to itself"),
        (first, "store.example.com", "store.example.com is an alias of www.shop.com, and 127."),
        (com, "web.example.com", "refers to the servers of example.com"),
        (lame, "web.example.com", "does not serve web.example.com"),
    ] {
        let failed = ask(asked, name)?.expect_code(1)?;
        assert_eq!(failed.stdout, "", "{name}");
        assert!(failed.stderr.contains(error), "{name}: {}", failed.stderr);
    }
    Ok(())
}

#[test]
fn a_trace_names_each_server_and_a_known_name_needs_none() -> Result<()> {
    let (_servers, root) = LESSON.serve("serve")?;
    let found = resolve(root, "--trace web.example.com web.example.com")?.expect_code(0)?;
    assert_eq!(found.stdout, "192.0.2.80\n192.0.2.80\n");
    let expected = "\
127.0.0.1 (the root): web.example.com A?
→ com is served by ns.com, 127.1.0.2
127.1.0.2 (com): web.example.com A?
→ example.com is served by ns1.example.com, 127.1.0.4
→ example.com is served by ns2.example.com, 127.1.0.5
127.1.0.4 (example.com): web.example.com A?
→ 192.0.2.80, for 300 s
web.example.com A? All of it is known already
";
    assert_eq!(found.stderr, expected);
    let long = resolve(root, "--trace --type txt long.example.com")?.expect_code(0)?.stderr;
    let end = "127.1.0.4 (example.com): long.example.com TXT?\n→ truncated: too long for a \
               datagram\n127.1.0.4 (example.com): long.example.com TXT? over TCP\n→ 16 records\n";
    assert!(long.ends_with(end), "{long}");
    Ok(())
}

#[test]
fn a_look_up_without_records_says_why_in_one_line() -> Result<()> {
    let (_servers, root) = LESSON.serve("serve")?;
    for (args, why) in [
        ("nope.example.com", "nope.example.com does not exist (NXDOMAIN)"),
        ("office.example.com", "office.example.com exists, and has no A record"),
        ("--type txt web.example.com", "web.example.com exists, and has no TXT record"),
        ("ring1.example.com", "the alias ring1.example.com leads back to itself"),
        (
            "circle.com",
            "to look up the server ns.loop.net one needs the server ns.loop.net: the delegation is \
             a circle",
        ),
        ("example.org", "example.org does not exist (NXDOMAIN)"),
    ] {
        let failed = resolve(root, args)?.expect_code(1)?;
        assert_eq!((&*failed.stdout, failed.stderr), ("", format!("error: {why}\n")), "{args}");
    }
    Ok(())
}

#[test]
fn one_server_is_asked_with_at() -> Result<()> {
    let (_servers, root) = LESSON.serve("serve")?;
    let ns1 = server(root, 4);
    for (args, answer) in [("web.example.com", "192.0.2.80\n"), ("www.example.com", "192.0.2.80\n")]
    {
        assert_eq!(ask(ns1, args)?.expect_code(0)?.stdout, answer);
    }
    let long = ask(ns1, "--type txt long.example.com")?.expect_code(0)?.stdout;
    assert_eq!(long.lines().count(), 16, "truncated, and asked again over TCP");
    for (at, args, why) in [
        (ns1, "nope.example.com", "nope.example.com does not exist (NXDOMAIN)\n".to_owned()),
        (ns1, "office.example.com", "office.example.com exists, and has no A record\n".to_owned()),
        (ns1, "www.shop.com", format!("{ns1} answers REFUSED\n")),
        (
            root,
            "web.example.com",
            format!(
                "{root} refers to the servers of com\n       it is not a resolver; without --at \
                 the walk is done here\n"
            ),
        ),
    ] {
        assert_eq!(ask(at, args)?.expect_code(1)?.stderr, format!("error: {why}"));
    }
    Ok(())
}

#[test]
fn a_server_that_is_not_there_is_reported() -> Result<()> {
    let free = common::transport::free_addrs(1)?;
    let nowhere: SocketAddr = free[0].parse()?;
    let expected = format!(
        "error: {nowhere} does not answer: nothing listens there\n       --at takes the address of \
         a server, as in 127.1.0.1:5300\n"
    );
    assert_eq!(ask(nowhere, "web.example.com")?.expect_code(1)?.stderr, expected);
    let expected = "error: no server of the root gave an answer: nothing listens there\n       \
                    start the servers first, in another terminal: cargo run -p dns -- serve\n";
    assert_eq!(resolve(nowhere, "web.example.com")?.expect_code(1)?.stderr, expected);
    // One that is there, and does not answer.
    let silent = UdpSocket::bind("127.0.0.1:0")?;
    let at = silent.local_addr()?.to_string();
    let asked = LESSON.run(["resolve", "web.example.com", "--at", &at, "--timeout", "100ms"])?;
    let asked = asked.expect_code(1)?.stderr;
    assert!(asked.contains("does not answer: no answer within 100 ms\n"), "{asked}");
    let walked = resolve_within("100ms", silent.local_addr()?, "web.example.com")?;
    let walked = walked.expect_code(1)?.stderr;
    assert!(walked.contains("the root gave an answer: no answer within 100 ms\n"), "{walked}");
    Ok(())
}

#[test]
fn what_is_not_a_name_is_refused() -> Result<()> {
    let (long_label, long_name) = ("a".repeat(300), "ab.".repeat(100));
    for (name, why) in [
        (&*long_label, "a label has 300 bytes; 63 at most"),
        (&*long_name, "it takes 301 bytes on the wire; 255 at most"),
        ("a..b", "a label is empty: two dots follow each other, or one stands first"),
        ("", "a label is empty"),
        ("a b", "it has the character  ; letters, digits, - and _ are used here"),
        ("a\u{1b}[2J", r"it has the character \u{1b}; letters"),
    ] {
        let refused = LESSON.run(["resolve", name])?.expect_code(2)?;
        assert!(refused.stderr.starts_with("error: `") && refused.stderr.contains(why));
        assert_eq!(refused.stderr.lines().count(), 1, "{}", refused.stderr);
        assert!(refused.stderr.len() < 200);
    }
    let german = LESSON.run(["resolve", "münchen.de"])?.expect_code(2)?.stderr;
    assert!(german.ends_with("have a form in ASCII: münchen is xn--mnchen-3ya\n"), "{german}");
    Ok(())
}

#[test]
fn arguments_out_of_range_are_refused() -> Result<()> {
    for args in [
        "resolve",
        "resolve x --at nowhere",
        "resolve x --at 127.0.0.1:0x1",
        "resolve x --root 127.0.0.1",
        "resolve x --type mx",
        "resolve x --timeout 0s",
        "resolve x --timeout 1h",
        "resolve x --timeout soon",
        "resolve x --at 127.0.0.1 --trace",
        "serve --listen 192.0.2.1:53",
        "serve --listen localhost:5300",
        "serve --fault 127.1.0.4",
        "serve --fault 127.1.0.4=fire",
        "serve --fault ns1=silent",
    ] {
        let refused = LESSON.run(args.split(' '))?.expect_code(2)?;
        assert!(refused.stderr.starts_with("error: "), "{}", refused.stderr);
    }
    let unknown = LESSON.run("serve --listen 127.0.0.1:0 --fault 127.1.0.9=silent".split(' '))?;
    let unknown = unknown.expect_code(1)?.stderr;
    assert!(unknown.starts_with("error: no server has the address 127.1.0.9\n"), "{unknown}");
    Ok(())
}

#[test]
fn faults_are_survived_as_long_as_one_server_is_well() -> Result<()> {
    let survives = |fault: &str| -> Result<()> {
        let (_servers, root) = LESSON.serve(&format!("serve --fault 127.1.0.4={fault}"))?;
        let found = resolve_within("3s", root, "web.example.com www.shop.com")?.expect_code(0)?;
        assert_eq!(found.stdout, "192.0.2.80\n203.0.113.40\n", "{fault}");
        Ok(())
    };
    // All at once: they wait more than they compute.
    std::thread::scope(|scope| {
        ["silent", "slow", "servfail", "wrong-id", "garbage", "lame", "other-zone"]
            .map(|fault| scope.spawn(move || survives(fault)))
            .into_iter()
            .try_for_each(|tried| tried.join().expect("it does not panic"))
    })?;
    let both = "serve --fault 127.1.0.4=servfail --fault 127.1.0.5=lame";
    let (_servers, root) = LESSON.serve(both)?;
    let failed = resolve(root, "web.example.com")?.expect_code(1)?.stderr;
    let why = "error: no server of example.com gave an answer: it does not serve example.com\n";
    assert_eq!(failed, why);
    Ok(())
}

#[test]
fn zones_of_the_readers_own_are_served_and_mistakes_named() -> Result<()> {
    let folder = tempfile::tempdir()?;
    for file in fs::read_dir("../../lessons/05-dns/zones")? {
        let file = file?.path();
        fs::copy(&file, folder.path().join(file.file_name().unwrap_or_default()))?;
    }
    let zone = folder.path().join("example.com.zone");
    let text = fs::read_to_string(&zone)?;
    fs::write(&zone, text.replace("192.0.2.80", "192.0.2.81") + "mine A 192.0.2.99\n")?;
    let serve = format!("serve --zones {}", folder.path().display());
    let (servers, root) = LESSON.serve(&serve)?;
    let found = resolve(root, "web.example.com mine.example.com")?.expect_code(0)?;
    assert_eq!(found.stdout, "192.0.2.81\n192.0.2.99\n");
    drop(servers);

    fs::write(&zone, text + "mine A 192.0.2.999\n")?;
    let start = |folder: &str| LESSON.run(["serve", "--listen", "127.0.0.1:0", "--zones", folder]);
    let wrong = start(&folder.path().to_string_lossy())?.expect_code(1)?.stderr;
    let why = "example.com.zone:43: `192.0.2.999` is not an IPv4 address\n";
    assert!(wrong.starts_with("error: ") && wrong.ends_with(why), "{wrong}");
    assert_eq!(wrong.lines().count(), 1);
    let none = start("/nonexistent")?.expect_code(1)?.stderr;
    assert!(none.starts_with("error: cannot read the folder /nonexistent: "), "{none}");
    assert_eq!(none.lines().count(), 2);
    Ok(())
}

/// The root's own port is the contract's to test.
#[test]
fn a_port_that_is_taken_at_another_address_is_named() -> Result<()> {
    let (_servers, root) = LESSON.serve("serve")?;
    let port = root.port();
    let second = LESSON.run(["serve", "--listen", &format!("127.1.0.1:{port}")])?.expect_code(1)?;
    let expected = format!("error: cannot listen on {}: the port is in use\n", server(root, 2));
    assert!(second.stderr.starts_with(&expected) && second.stdout.is_empty(), "{}", second.stderr);
    Ok(())
}

#[test]
fn rude_clients_over_tcp_do_not_stop_others() -> Result<()> {
    let (_servers, root) = LESSON.serve("serve")?;
    let ns1 = server(root, 4);
    let connect = || -> Result<TcpStream> {
        let stream = TcpStream::connect(ns1)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(stream)
    };
    let framed = |message: &[u8]| [&(message.len() as u16).to_be_bytes(), message].concat();
    let request = framed(&question("long.example.com", Kind::Txt).encode(5, false));
    // Idle ones, half a request, a length over the limit, garbage, and one that never reads.
    let mut rude = (0..20).map(|_| connect()).collect::<Result<Vec<_>>>()?;
    rude[0].write_all(&request[..request.len() - 1])?;
    rude[1].write_all(&[0xff, 0xff, 1, 2])?;
    rude[2].write_all(&framed(&[7; 100]))?;
    rude[3].write_all(&request.repeat(50))?;
    let mut good = connect()?;
    for _ in 0..3 {
        good.write_all(&request)?;
        let mut length = [0; 2];
        good.read_exact(&mut length)?;
        let mut answer = vec![0; u16::from_be_bytes(length).into()];
        good.read_exact(&mut answer)?;
        assert_eq!((id(&answer), is_truncated(&answer)), (Some(5), false));
    }
    assert_eq!(resolve(root, "web.example.com")?.expect_code(0)?.stdout, "192.0.2.80\n");
    Ok(())
}

/// A peer that truncates the first request, and then does this on its TCP connection; the second
/// argument is the length of that request.
fn truncating_peer(
    over_tcp: impl FnOnce(TcpStream, usize) -> io::Result<()> + Send + 'static,
) -> io::Result<(SocketAddr, JoinHandle<io::Result<()>>)> {
    let tcp = TcpListener::bind("127.0.0.1:0")?;
    let at = tcp.local_addr()?;
    let udp = UdpSocket::bind(at)?;
    let serving = thread::spawn(move || {
        let mut buffer = [0; 1232];
        let (length, from) = udp.recv_from(&mut buffer)?;
        buffer[2] |= RESPONSE_TRUNCATED;
        udp.send_to(&buffer[..length], from)?;
        over_tcp(tcp.accept()?.0, length)
    });
    Ok((at, serving))
}

/// The flags QR and TC, in byte 2 of a message.
const RESPONSE_TRUNCATED: u8 = 0x82;

/// Over TCP a peer may send anything, or nothing at all.
#[test]
fn a_peer_that_truncates_and_fails_over_tcp_ends_the_look_up() -> Result<()> {
    for reply in [&[0, 2, 1, 2][..], &[0xff, 0xff, 1], &[]] {
        let (at, serving) = truncating_peer(move |mut stream, _| {
            stream.write_all(reply)?;
            stream.shutdown(Shutdown::Write)?;
            // Until the client has left.
            let _ = stream.read_to_end(&mut Vec::new());
            Ok(())
        })?;
        let failed = ask(at, "web.example.com")?.expect_code(1)?.stderr;
        assert!(failed.starts_with(&format!("error: {at} does not answer: ")), "{failed}");
        assert_eq!(failed.lines().count(), 2, "{failed}");
        serving.join().expect("it does not panic")?;
    }
    Ok(())
}

#[test]
fn what_is_truncated_over_tcp_too_is_an_error() -> Result<()> {
    let (at, serving) = truncating_peer(|mut stream, length| {
        // The request over TCP is as long, and follows its length.
        let mut request = vec![0; 2 + length];
        stream.read_exact(&mut request)?;
        request[2 + 2] |= RESPONSE_TRUNCATED;
        stream.write_all(&request)
    })?;
    let failed = ask(at, "web.example.com")?.expect_code(1)?.stderr;
    assert_eq!(failed, format!("error: {at} truncates its answer, over TCP too\n"));
    serving.join().expect("it does not panic")?;
    Ok(())
}

#[test]
fn a_walk_is_drawn() -> Result<()> {
    let drawn = LESSON.run(["walk", "store.example.com"])?.expect_code(0)?.stdout;
    assert!(drawn.contains("m16") && !drawn.contains("m17"), "eight requests: {drawn}");
    let failed = LESSON.run(["walk", "nope.example.com"])?.expect_code(1)?;
    assert!(failed.stdout.contains("no such name") && failed.stderr.contains("NXDOMAIN"));
    LESSON.draws_each_view(&["walk", "web.example.com"])?;
    LESSON.refuses_to_draw(&["walk", "web.example.com"])
}
