//! Two nodes, and peers that are none.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

use runtime::MAX_MESSAGE;
use runtime::client::Client;

use super::board::{Reply, Request};
use super::{Config, PATIENCE, Running, WORKS, config, pair, start, wait_until};

pub(super) fn say(client: &mut Client, to: usize, from: u64, through: u64) {
    let request = Request::Say { to, from, through };
    assert_eq!(client.ask::<Reply>(&request, PATIENCE).expect(WORKS), Reply::Done);
}

fn heard(client: &mut Client) -> Vec<(usize, u64)> {
    match client.ask(&Request::Heard, PATIENCE).expect(WORKS) {
        Reply::HeardOk { heard } => heard,
        other => panic!("{other:?}"),
    }
}

/// Waits until the node has heard so much.
pub(super) fn wait_for_heard(client: &mut Client, count: usize) -> Vec<(usize, u64)> {
    wait_until("all is heard", || {
        let heard = heard(client);
        (heard.len() >= count).then(|| heard.clone()).ok_or(heard.len())
    })
}

/// A peer that says what the test says.
struct Peer {
    stream: TcpStream,
    answers: BufReader<TcpStream>,
}

impl Peer {
    fn connect(to: &Running) -> Peer {
        let stream = TcpStream::connect(&to.addr).expect(WORKS);
        stream.set_read_timeout(Some(PATIENCE)).expect(WORKS);
        let answers = BufReader::new(stream.try_clone().expect(WORKS));
        Peer { stream, answers }
    }

    fn say(&mut self, line: &str) {
        self.stream.write_all(line.as_bytes()).expect(WORKS);
        self.stream.write_all(b"\n").expect(WORKS);
    }

    /// The answer, without the node's incarnation, which is another one each time.
    fn hello(&mut self, node: usize, run: u64) -> String {
        let (me, tail) = (format!(r#""nodes":2,"node":{node}"#), format!(r#""incarnation":{run}"#));
        self.say(&format!(r#"{{"hello":{{"protocol":2,"cluster":"board",{me},{tail}}}}}"#));
        let answer = self.answer();
        answer
            .split_once(r#","incarnation":"#)
            .map_or(answer.clone(), |(start, _)| format!("{start}}}}}"))
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        let _ = self.answers.read_line(&mut line);
        line.trim_end().to_owned()
    }
}

/// A node 0 of two, whose other one is not there.
fn alone() -> Running {
    start(config(0, &["127.0.0.1:9"]))
}

const WELCOME: &str = r#"{"welcome":{"node":0}}"#;

#[test]
fn messages_arrive_once_and_in_order() {
    let [first, second] = pair();
    let (mut first, mut second) = (first.client(), second.client());
    say(&mut first, 1, 1, 1000);
    say(&mut second, 0, 5, 5);
    let expected: Vec<_> = (1..=1000).map(|said| (0, said)).collect();
    assert_eq!(wait_for_heard(&mut second, 1000), expected);
    assert_eq!(wait_for_heard(&mut first, 1), [(1, 5)]);
}

#[test]
fn a_node_that_comes_back_is_connected_again() {
    let [first, second] = pair();
    let addr = second.addr.clone();
    second.stop().unwrap();
    first.told.wait_for(&["node 1 at", "is gone"]);
    let second = start(Config { listen: addr, ..config(1, &[&first.addr]) });
    second.told.wait_for(&["connected to node 0"]);
    wait_until("it is connected twice", || {
        let lines = first.told.lines();
        let connected = lines.iter().filter(|line| line.starts_with("connected to node 1"));
        (connected.count() == 2).then_some(()).ok_or(lines)
    });
    say(&mut first.client(), 1, 7, 7);
    assert_eq!(wait_for_heard(&mut second.client(), 1), [(0, 7)]);
}

#[test]
fn an_invalid_hello_is_refused_and_logged() {
    let node = alone();
    let hello = |version: u64, cluster: &str, nodes: usize, number: usize| {
        let cluster = format!(r#""cluster":"{cluster}","nodes":{nodes},"node":{number}"#);
        format!(r#"{{"hello":{{"protocol":{version},{cluster},"incarnation":1}}}}"#)
    };
    for (line, why) in [
        (hello(1, "board", 2, 1), "version 1 is not spoken here"),
        (hello(2, "other", 2, 1), "this is cluster `board`, and not `other`"),
        (
            hello(2, "board", 3, 1),
            "the refused node is in a cluster of 3, and the other in one of 2",
        ),
        (hello(2, "board", 2, 0), "node 0 is this one"),
        (hello(2, "board", 2, 2), "there is no node 2"),
        (r#"{"hello":{"protocol":2}}"#.to_owned(), "this is not a hello"),
        (r#"{"hello":null}"#.to_owned(), "this is not a hello"),
    ] {
        let mut peer = Peer::connect(&node);
        peer.say(&line);
        let answer = peer.answer();
        assert!(answer.starts_with(r#"{"refused":"#) && answer.contains(why), "{line}: {answer}");
        assert_eq!(peer.answer(), "", "and the connection ends");
        node.told.wait_for(&["is refused", why]);
    }
}

#[test]
fn a_second_node_of_one_number_is_refused() {
    let node = alone();
    let mut first = Peer::connect(&node);
    assert_eq!(first.hello(1, 1), WELCOME);
    let mut second = Peer::connect(&node);
    let answer = second.hello(1, 2);
    assert!(answer.contains("are there two of that number?"), "{answer}");
    node.told.wait_for(&["is refused", "node 1 is connected from"]);
    let mut again = Peer::connect(&node);
    assert_eq!(again.hello(1, 2), answer);
    let refusals = node.told.lines().iter().filter(|line| line.contains("is refused")).count();
    assert_eq!(refusals, 1, "the same refusal is logged once");
    drop(first);
    wait_until("its place is free", || match Peer::connect(&node).hello(1, 3) {
        answer if answer == WELCOME => Ok(()),
        answer => Err(answer),
    });
}

#[test]
fn the_same_process_takes_the_place_of_its_earlier_connection() {
    let node = alone();
    let (mut first, mut second) = (Peer::connect(&node), Peer::connect(&node));
    assert_eq!(first.hello(1, 1), WELCOME);
    assert_eq!(second.hello(1, 1), WELCOME);
    assert_eq!(first.answer(), "", "the first is ended");
    // The node does not read it any more: whether it can still be written is the system's affair.
    let _ = first.stream.write_all(b"{\"message\":1}\n");
    second.say(r#"{"message":2}"#);
    assert_eq!(wait_for_heard(&mut node.client(), 1), [(1, 2)]);
    // The end of the first has not freed the place of the second.
    let answer = Peer::connect(&node).hello(1, 2);
    assert!(answer.contains("are there two of that number?"), "{answer}");
}

#[test]
fn nothing_of_an_earlier_connection_comes_after_a_later_one() {
    const CONNECTIONS: u64 = 20;
    let node = alone();
    let mut peers = Vec::new();
    // Whether a connection is still being read when the next one begins is the system's affair, so
    // there are many.
    for number in 1..=CONNECTIONS {
        let mut peer = Peer::connect(&node);
        assert_eq!(peer.hello(1, 1), WELCOME);
        let many = format!("{{\"message\":{number}}}\n").repeat(200);
        peer.stream.write_all(many.as_bytes()).unwrap();
        peers.push(peer);
    }
    let mut client = node.client();
    let heard = wait_until("the last has come", || {
        let heard = heard(&mut client);
        let last = heard.iter().filter(|(_, said)| *said == CONNECTIONS);
        (last.count() == 200).then(|| heard.clone()).ok_or(heard.len())
    });
    assert!(heard.is_sorted(), "{heard:?}");
}

#[test]
fn an_invalid_message_ends_its_connection_alone() {
    let node = alone();
    let too_long = "7".repeat(MAX_MESSAGE + 1);
    for line in [
        r#"{"message":"seven"}"#,
        r#"{"message":-1}"#,
        r#"{"massage":1}"#,
        "[1,2",
        "\u{0}\u{1}",
        &too_long,
    ] {
        let mut peer = Peer::connect(&node);
        wait_until("the place is free", || match peer.hello(1, 1) {
            answer if answer == WELCOME => Ok(()),
            answer => {
                peer = Peer::connect(&node);
                Err(answer)
            }
        });
        peer.say(r#"{"message":1}"#);
        // It may have ended the connection before all is written.
        let _ = peer.stream.write_all(format!("{line}\n").as_bytes());
        let _ = peer.stream.shutdown(Shutdown::Write);
        assert_eq!(peer.answer(), "", "{line:.20}");
    }
    node.told.wait_for(&["node 1 sends an invalid message, and is cut off"]);
    assert_eq!(wait_for_heard(&mut node.client(), 6), [(1, 1); 6]);
}

#[test]
fn a_flooding_peer_does_not_stop_the_others() {
    const MESSAGES: usize = 100_000;
    let node = alone();
    let mut peer = Peer::connect(&node);
    assert_eq!(peer.hello(1, 1), WELCOME);
    let mut stream = peer.stream.try_clone().unwrap();
    let flooding = thread::spawn(move || {
        let some = "{\"message\":1}\n".repeat(1_000);
        (0..MESSAGES / 1_000).try_for_each(|_| stream.write_all(some.as_bytes()))
    });
    let mut client = node.client();
    while !flooding.is_finished() {
        client.ask::<Reply>(&Request::Kept, PATIENCE).unwrap();
    }
    flooding.join().unwrap().unwrap();
    // Nothing was dropped: what the node had not read waited in the peer's own socket.
    peer.say(r#"{"message":2}"#);
    wait_until("all has come", || {
        let count: Reply = client.ask(&Request::HeardCount, PATIENCE).unwrap();
        let all = Reply::KeptOk { kept: vec![MESSAGES as u64 + 1] };
        (count == all).then_some(()).ok_or(count)
    });
}

#[test]
fn a_flood_of_log_lines_is_bounded_and_each_is_cut() {
    const REFUSED: usize = 200;
    let node = alone();
    let long = "x".repeat(MAX_MESSAGE / 2);
    for number in 0..REFUSED {
        let mut peer = Peer::connect(&node);
        peer.say(&format!(r#"{{"hello":"{number} {long}"}}"#));
        let answer = peer.answer();
        assert!(answer.contains("this is not a hello"), "{answer:.100}");
        assert!(answer.len() < 1000, "{}", answer.len());
    }
    let lines = node.told.lines();
    assert!(lines.iter().all(|line| line.len() < 1000), "{lines:?}");
    let is_refusal = |line: &&String| line.contains("is refused");
    assert!(lines.iter().any(|line| is_refusal(&line)), "{lines:?}");
}

#[test]
fn a_silent_peer_loses_its_place() {
    let node = alone();
    let mut peer = Peer::connect(&node);
    assert_eq!(peer.hello(1, 1), WELCOME);
    assert_eq!(peer.answer(), "", "in the end it is cut off");
    node.told.wait_for(&["nothing came from node 1 for 5s"]);
    assert_eq!(Peer::connect(&node).hello(1, 2), WELCOME);
}

#[test]
fn a_peer_that_never_reads_loses_its_oldest_messages() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap().to_string();
    let node = start(config(0, &[&addr]));
    let mut unread = vec![welcomed(listener.accept().unwrap().0, "")];
    node.told.wait_for(&["connected to node 1"]);
    listener.set_nonblocking(true).unwrap();
    let mut client = node.client();
    // Some of it waits in the system's buffers, whose size is the system's affair.
    wait_until("messages are dropped", || {
        // A connection on which nothing moves is given up, with what waits for it; on a slow
        // machine that may come first.
        unread.extend(listener.accept().ok().map(|(stream, _)| welcomed(stream, "")));
        say(&mut client, 1, 0, 50_000);
        let lines = node.told.lines();
        let is_told = |line: &String| line.contains("node 1 reads too slowly");
        lines.iter().any(is_told).then_some(()).ok_or(lines)
    });
}

/// A connection of a node 0, once it has been told that it leads to node 1, and what else.
pub(crate) fn welcomed(mut stream: TcpStream, more: &str) -> TcpStream {
    stream.set_nonblocking(false).expect(WORKS);
    let mut lines = BufReader::new(stream.try_clone().expect(WORKS));
    lines.read_line(&mut String::new()).expect(WORKS);
    let welcome = format!("{{\"welcome\":{{\"node\":1{more}}}}}\n");
    stream.write_all(welcome.as_bytes()).expect(WORKS);
    stream
}

#[test]
fn a_link_to_the_new_process_stays_when_it_connects() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap().to_string();
    let node = start(config(0, &[&addr]));
    let mut earlier = Peer::connect(&node);
    assert_eq!(earlier.hello(1, 1), WELCOME);
    drop(earlier);
    let stream = welcomed(listener.accept().unwrap().0, r#","incarnation":2"#);
    node.told.wait_for(&["connected to node 1"]);
    wait_until("the place is free", || match Peer::connect(&node).hello(1, 2) {
        answer if answer == WELCOME => Ok(()),
        answer => Err(answer),
    });
    say(&mut node.client(), 1, 7, 7);
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    assert_eq!(lines.find(|line| !line.is_empty()).as_deref(), Some(r#"{"message":7}"#));
}

#[test]
fn a_peer_that_claims_another_number_is_refused() {
    let node = start(config(1, &["127.0.0.1:9"]));
    // Its only peer is itself.
    let strange = start(Config { cluster: "board".to_owned(), ..config(0, &[&node.addr]) });
    strange.told.wait_for(&["connected to node 1"]);
    let itself = start(config(1, &[&node.addr]));
    itself.told.wait_for(&["refuses this node: node 1 is this one"]);
    node.told.wait_for(&["is refused: node 1 is this one"]);
}
