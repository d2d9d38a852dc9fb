//! The nodes as real processes, what they write down, and what they send each other.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

use lesson_tests::Result;
use lesson_tests::process::TEST_TIMEOUT;
use serde_json::Value;

use crate::LESSON;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../lessons/16-vector-clocks/README.md");

/// Runs a client, and returns what it prints.
fn client(args: &[&str]) -> Result<String> {
    Ok(LESSON.run(args)?.expect_code(0)?.stdout)
}

/// A line of JSON, without the incarnation numbers that each process draws for itself, and what its
/// wall clock said.
fn without_incarnations(line: &str) -> Result<Value> {
    let mut line: Value = serde_json::from_str(line)?;
    for name in ["/sent", "/received", "/stamped/name"] {
        if let Some(Value::String(name)) = line.pointer_mut(name)
            && let [node, _, number] = name.split('-').collect::<Vec<_>>()[..]
        {
            *name = format!("{node}-INCARNATION-{number}");
        }
    }
    for number in ["/hello/incarnation", "/time"] {
        if let Some(number) = line.pointer_mut(number) {
            *number = Value::Null;
        }
    }
    Ok(line)
}

/// Whether a line of JSON stands on the page.
fn is_on_page(line: &str) -> Result<bool> {
    let line = without_incarnations(line)?;
    let page = fs::read_to_string(PAGE)?;
    let mut lines = page.lines().filter(|line| line.starts_with('{'));
    Ok(lines.any(|quoted| without_incarnations(quoted).is_ok_and(|quoted| quoted == line)))
}

#[test]
fn real_processes_give_the_first_run_the_same_stamps() -> Result<()> {
    let mut cluster = LESSON.cluster(3)?;
    client(&["act", "--to", cluster.addr(0), "P"])?;
    client(&["tell", "--to", cluster.addr(0), "--node", "1", "hello"])?;
    assert_eq!(client(&["hear", "--to", cluster.addr(1)])?, "n0: hello\n");
    client(&["act", "--to", cluster.addr(2), "R"])?;
    client(&["tell", "--to", cluster.addr(1), "--node", "2", "again"])?;
    assert_eq!(client(&["hear", "--to", cluster.addr(2)])?, "n1: again\n");
    cluster.stop()?;

    let files = cluster.traces();
    let ladder = LESSON
        .run([OsStr::new("ladder")].into_iter().chain(files.iter().map(|file| file.as_os_str())))?;
    let drawn = ladder.expect_code(0)?.stdout;
    let stamps: Vec<&str> = drawn.split_whitespace().filter(|word| word.starts_with('[')).collect();
    // P, the message and Q, R, the message and S.
    let of_the_lesson = ["[1,0,0]", "[2,0,0]", "[2,1,0]", "[0,0,1]", "[2,2,0]", "[2,2,2]"];
    assert_eq!(stamps, of_the_lesson, "{drawn}");

    let written = fs::read_to_string(cluster.trace(0))? + &fs::read_to_string(cluster.trace(1))?;
    let sent = written.lines().find(|line| line.contains("hello"));
    let sent = sent.expect("n0 has sent it");
    assert!(is_on_page(sent)?, "{sent}");
    let received = written.lines().find(|line| line.contains("received"));
    let received = received.expect("n1 has received it");
    assert!(is_on_page(received)?, "{received}");
    Ok(())
}

#[test]
fn the_stamps_travel_in_the_message() -> Result<()> {
    let peer = TcpListener::bind("127.0.0.1:0")?;
    let scratch = tempfile::tempdir()?;
    let (addr, trace) = (peer.local_addr()?, scratch.path().join("n0"));
    let (_node, to) = LESSON.serve(&format!("node --peer {addr} --trace {}", trace.display()))?;
    let to = to.to_string();

    let mut wire = BufReader::new(peer.accept()?.0);
    wire.get_ref().set_read_timeout(Some(TEST_TIMEOUT))?;
    let mut line = String::new();
    wire.read_line(&mut line)?;
    assert!(is_on_page(&line)?, "{line}");
    wire.get_mut().write_all(b"{\"welcome\":{\"node\":1}}\n")?;

    client(&["act", "--to", &to, "P"])?;
    client(&["tell", "--to", &to, "--node", "1", "hello"])?;
    // An empty line shows that it is still there.
    let said = wire.lines().find(|line| !matches!(line.as_deref(), Ok("")));
    let said = said.expect("it sends something")?;
    assert!(is_on_page(&said)?, "{said}");
    assert!(said.contains(r#""vector":[2,0]"#), "{said}");
    Ok(())
}

#[test]
fn a_node_refuses_to_send_to_itself_or_an_unknown_node() -> Result<()> {
    let cluster = LESSON.cluster(2)?;
    for node in ["0", "2"] {
        let refused = LESSON.run(["tell", "--to", cluster.addr(0), "--node", node, "hello"])?;
        let why = format!("error: node {node} is not one of the others, of 2 nodes\n");
        assert_eq!(refused.expect_code(1)?.stderr, why);
    }
    Ok(())
}

#[test]
fn a_client_reports_that_nothing_listens() -> Result<()> {
    let (node, addr) = LESSON.serve("node")?;
    drop(node);
    let to = addr.to_string();
    for args in [&["hear", "--to", &to][..], &["act", "--to", &to, "P"]] {
        let failed = LESSON.run(args)?.expect_code(1)?;
        let why = "error: the request was not sent: cannot connect to";
        assert!(failed.stderr.starts_with(why), "{}", failed.stderr);
    }
    Ok(())
}

#[test]
fn a_message_is_not_lost_to_a_client_that_has_gone() -> Result<()> {
    let mut cluster = LESSON.cluster(2)?;
    let mut gone = BufReader::new(TcpStream::connect(cluster.addr(1))?);
    gone.get_ref().set_read_timeout(Some(TEST_TIMEOUT))?;
    writeln!(gone.get_mut(), r#"{{"type":"hear"}}"#)?;
    let mut answer = String::new();
    gone.read_line(&mut answer)?;
    assert_eq!(answer, "{\"type\":\"nothing\"}\n");
    drop(gone);
    let mut hearing = cluster.client(1, &["hear"])?;
    client(&["tell", "--to", cluster.addr(0), "--node", "1", "hello"])?;
    assert_eq!(hearing.next_line()?, "n0: hello");
    cluster.stop()
}

#[test]
fn invalid_stamps_are_logged_once_until_valid_ones_arrive() -> Result<()> {
    let (node, addr) = LESSON.serve("node --peer 127.0.0.1:9 --trace {scratch}/n0")?;
    let to = addr.to_string();
    let mut peer = BufReader::new(TcpStream::connect(addr)?);
    peer.get_ref().set_read_timeout(Some(TEST_TIMEOUT))?;
    let hello = r#"{"hello":{"protocol":2,"cluster":"talk","nodes":2,"node":1,"incarnation":1}}"#;
    writeln!(peer.get_mut(), "{hello}")?;
    let mut welcome = String::new();
    peer.read_line(&mut welcome)?;
    let number = welcome.strip_prefix(r#"{"welcome":{"node":0,"incarnation":"#);
    let number = number.and_then(|rest| rest.strip_suffix("}}\n"));
    assert!(number.is_some_and(|number| number.parse::<u64>().is_ok()), "{welcome}");
    for (number, events_of_n0) in [7, 7, 0, 7, 7].into_iter().enumerate() {
        let stamps = format!(r#""lamport":1,"vector":[{events_of_n0},1]"#);
        let stamped = format!(r#"{{"name":"m{number}",{stamps}}}"#);
        writeln!(peer.get_mut(), r#"{{"message":"{number}","stamped":{stamped}}}"#)?;
        // Only its stamps are refused, and not its message.
        assert_eq!(client(&["hear", "--to", &to])?, format!("n1: {number}\n"));
    }
    node.terminate()?;
    let log = node.finish()?.expect_code(0)?.stderr;
    assert_eq!(log.matches("the stamps of node 1 are invalid").count(), 2, "{log}");
    Ok(())
}
