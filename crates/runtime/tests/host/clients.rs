//! Clients, and what they may say.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::Duration;

use common::transport::Deadline;
use runtime::client::{Client, RequestError};
use runtime::{MAX_CLIENTS, MAX_MESSAGE};

use super::board::{Reply, Request};
use super::{PATIENCE, WORKS, config, pair, start, wait_until};

#[test]
fn a_client_is_answered_line_by_line() {
    let node = start(config(0, &[]));
    let mut stream = TcpStream::connect(&node.addr).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut answers = BufReader::new(stream.try_clone().unwrap()).lines();
    for (line, answer) in [
        (r#"{"type":"keep","number":7}"#, r#"{"type":"done"}"#),
        (r#"{"type":"kept"}"#, r#"{"type":"kept_ok","kept":[7]}"#),
        (r#"{"type":"keep"}"#, r#"{"type":"error","code":12,"text":"missing field `number`"}"#),
        (
            r#"{"type":"tell"}"#,
            r#"{"type":"error","code":10,"text":"no request has the type \"tell\""}"#,
        ),
        ("", r#"{"type":"error","code":12,"text":"it is not a JSON object"}"#),
        (r#"["kept"]"#, r#"{"type":"error","code":12,"text":"it is not a JSON object"}"#),
        (r#"{"type":"links"}"#, r#"{"type":"links_ok","links":[]}"#),
    ] {
        writeln!(stream, "{line}").unwrap();
        assert_eq!(answers.next().unwrap().unwrap(), answer, "{line}");
    }
    writeln!(stream, "{}", "7".repeat(MAX_MESSAGE + 1)).unwrap();
    let ended = answers.next();
    assert!(!matches!(ended, Some(Ok(_))), "a line too long ends it: {ended:?}");
}

#[test]
fn links_show_each_peer_and_when_it_was_heard() {
    let [first, second] = pair();
    let mut client = first.client();
    // Something is said each second.
    let link = wait_until("it is heard", || {
        let mut links = client.links(PATIENCE).unwrap();
        let link = links.pop().unwrap();
        link.heard_ms.map(|_| ()).ok_or(())?;
        Ok::<_, ()>(link)
    });
    assert_eq!((link.addr, link.node), (second.addr.clone(), Some(1)));
}

#[test]
fn a_timer_runs_out_unless_it_is_cancelled() {
    let node = start(config(0, &[]));
    let mut client = node.client();
    for request in [Request::Cancel, Request::Later { ms: 30 }] {
        let reply: Reply = client.ask(&request, PATIENCE).unwrap();
        assert_eq!(reply, Reply::Done);
    }
}

/// Lets this process, in which both ends of every connection are, have as many descriptors as two
/// thousand take.
#[cfg(unix)]
fn allow_descriptors() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let (allowed, most) = getrlimit(Resource::RLIMIT_NOFILE).expect(WORKS);
    let wanted = most.min(4096);
    if allowed < wanted {
        setrlimit(Resource::RLIMIT_NOFILE, wanted, most).expect(WORKS);
    }
}

#[test]
fn a_client_too_many_is_refused_and_the_others_served() {
    #[cfg(unix)]
    allow_descriptors();
    let node = start(config(0, &[]));
    let mut there: Vec<Client> = Vec::new();
    for _ in 0..MAX_CLIENTS {
        let mut client = node.client();
        client.ask::<Reply>(&Request::Kept, PATIENCE).unwrap();
        there.push(client);
    }
    let refused = node.client().ask::<Reply>(&Request::Kept, PATIENCE).unwrap_err();
    assert!(matches!(refused, RequestError::Refused { code: 11, .. }), "{refused:?}");
    assert!(!refused.may_have_been_done());
    there.truncate(1);
    wait_until("there is room again", || {
        node.client().ask::<Reply>(&Request::Kept, PATIENCE).map(|_| ())
    });
    assert!(there[0].ask::<Reply>(&Request::Kept, PATIENCE).is_ok());
}

#[test]
fn a_node_that_stops_answers_unknown() {
    let node = start(config(0, &[]));
    let (mut waiting, mut next) = (node.client(), node.client());
    let asked = thread::spawn(move || waiting.ask::<Reply>(&Request::Never, PATIENCE));
    wait_until("it has been asked", || {
        let nevers: Reply = next.ask(&Request::Nevers, PATIENCE).unwrap();
        let one = Reply::KeptOk { kept: vec![1] };
        (nevers == one).then_some(()).ok_or(nevers)
    });
    node.stop().unwrap();
    let error = asked.join().unwrap().unwrap_err();
    assert!(error.may_have_been_done(), "{error:?}");
    let late = next.ask::<Reply>(&Request::Kept, Duration::from_secs(1)).unwrap_err();
    assert!(late.may_have_been_done(), "{late:?}");
}

#[test]
fn a_client_that_never_reads_does_not_delay_a_stop() {
    let [node, other] = pair();
    let said = Request::Say { to: 0, from: 0, through: 3000 };
    other.client().ask::<Reply>(&said, PATIENCE).unwrap();
    let mut stream = TcpStream::connect(&node.addr).unwrap();
    let wait = Duration::from_millis(300);
    stream.set_write_timeout(Some(wait)).unwrap();
    // Each answer has tens of KiB. When the node takes no more questions, it waits for somebody to
    // read the answers.
    while stream.write_all(b"{\"type\":\"heard\"}\n").is_ok() {}
    let deadline = Deadline::after(Duration::from_secs(15));
    node.stop().unwrap();
    assert!(deadline.remaining().is_some(), "it waits as long as for a client that is silent");
}

#[test]
fn a_refused_connection_proves_that_nothing_was_done() {
    let addr = {
        let node = start(config(0, &[]));
        node.addr.clone()
    };
    let error = Client::connect(&addr, PATIENCE).unwrap_err();
    assert!(!error.may_have_been_done());
    assert_eq!(error.advice(), Some("start the server first, in another terminal"));
}

/// `later` is answered after its timer, and the requests behind it wait for that.
#[test]
fn requests_of_one_client_are_answered_in_order() {
    let node = start(config(0, &[]));
    let mut stream = TcpStream::connect(&node.addr).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let requests = [
        r#"{"type":"later","ms":30}"#,
        r#"{"type":"keep","number":7}"#,
        "",
        r#"{"type":"links"}"#,
        r#"{"type":"kept"}"#,
    ];
    // All at once, and the client has nothing more to send.
    stream.write_all((requests.join("\n") + "\n").as_bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let answers: Vec<_> = BufReader::new(stream).lines().map(Result::unwrap).collect();
    let expected = [
        r#"{"type":"done"}"#,
        r#"{"type":"done"}"#,
        r#"{"type":"error","code":12,"text":"it is not a JSON object"}"#,
        r#"{"type":"links_ok","links":[]}"#,
        r#"{"type":"kept_ok","kept":[7]}"#,
    ];
    assert_eq!(answers, expected);
}

#[test]
fn a_client_that_sends_empty_lines_does_not_stop_the_others() {
    const LINES: usize = 100_000;
    let node = start(config(0, &[]));
    let mut stream = TcpStream::connect(&node.addr).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let answers = BufReader::new(stream.try_clone().unwrap()).lines();
    let sending = thread::spawn(move || stream.write_all(&b"\n".repeat(LINES)));
    let reading = thread::spawn(move || answers.map_while(Result::ok).take(LINES).count());
    let mut other = node.client();
    while !reading.is_finished() {
        other.ask::<Reply>(&Request::Kept, PATIENCE).unwrap();
    }
    assert_eq!(reading.join().unwrap(), LINES);
    sending.join().unwrap().unwrap();
}
