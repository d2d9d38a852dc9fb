//! A client, and replicas whose answers are given.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use durable_counter::client::Client;
use durable_counter::cluster::OPERATION_TIMEOUT;
use durable_counter::replica::RequestId;
use runtime::client::RequestError;

const NOT_NOW: &str = r#"{"type":"error","code":11,"text":"400 other clients"}"#;
const OTHER_ADD: &str = r#"{"type":"error","code":22,"text":"add 1 has counted 7"}"#;
const NEVER: &str = r#"{"type":"error","code":14,"text":"no"}"#;
const ADDED: &str = r#"{"type":"add_ok"}"#;
const VALUE: &str = r#"{"type":"read_ok","value":3}"#;
const STATUS: &str = r#"{"type":"status_ok","number":0,"entries":[3],"peers":[]}"#;
const LINKS: &str = r#"{"type":"links_ok","links":[]}"#;

/// A client of a replica that has these answers for its first connection, these for its second, and
/// so on. After the last of them it closes the connection; an empty one is left out.
fn client(connections: &'static [&[&str]]) -> Client {
    client_within(OPERATION_TIMEOUT, connections)
}

/// The same, whose adds have this deadline.
fn client_within(deadline: Duration, connections: &'static [&[&str]]) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for answers in connections {
            let mut client = BufReader::new(listener.accept().unwrap().0);
            for answer in *answers {
                client.read_line(&mut String::new()).unwrap();
                if !answer.is_empty() {
                    writeln!(client.get_mut(), "{answer}").unwrap();
                }
            }
        }
    });
    Client::new(addr, RequestId { client: 1, seq: 1 }, 1, deadline)
}

#[test]
fn a_refused_client_reconnects() {
    let mut reading = client(&[&[NOT_NOW], &[VALUE]]);
    let refused = reading.read().unwrap_err();
    assert!(matches!(refused, RequestError::Refused { code: 11, .. }), "{refused:?}");
    assert_eq!(reading.read().unwrap(), 3);

    let mut watching = client(&[&[STATUS, NOT_NOW], &[STATUS, LINKS]]);
    watching.status().unwrap_err();
    assert_eq!(watching.status().unwrap().0.entries, [3]);
}

#[test]
fn an_add_in_doubt_stays_so_until_it_is_acknowledged() {
    let refused = |client: &mut Client| {
        let error = client.add(5).unwrap_err();
        assert!(matches!(error.last, RequestError::Refused { code: 14, .. }));
        error.may_be_counted
    };
    let mut client = client(&[&[NEVER], &[""], &[NEVER], &[NEVER], &[ADDED, NEVER]]);
    assert!(!refused(&mut client), "it was refused");
    assert!(refused(&mut client), "the first answer was lost");
    assert!(refused(&mut client), "it is the same add");
    client.add(5).unwrap();
    assert!(!refused(&mut client), "it is another add");
}

#[test]
fn another_amount_under_a_used_id_is_certainly_not_counted() {
    let mut asking = client(&[&[OTHER_ADD]]).in_doubt();
    let refused = asking.add(5).unwrap_err();
    assert!(!refused.may_be_counted, "{refused:?}");
}

#[test]
fn an_error_says_which_attempt_was_not_sent() {
    // The replica takes one request, answers nothing, and is gone.
    let refused = client_within(Duration::from_millis(300), &[&[""]]).add(5).unwrap_err();
    assert!(refused.may_be_counted);
    let why = "an earlier attempt may have been counted, and then: the request was not sent";
    assert_eq!(refused.to_string() + ": " + &refused.last.to_string(), why);
}

#[test]
fn a_busy_replica_is_retried_only_in_doubt() {
    let mut asking = client(&[&[NOT_NOW], &[""], &[NOT_NOW], &[ADDED]]);
    let refused = asking.add(5).unwrap_err();
    assert!(!refused.may_be_counted, "{refused:?}");
    asking.add(5).unwrap();
    assert_eq!(asking.retry_count(), 2);
    let mut asking = client(&[&[NOT_NOW], &[ADDED]]).in_doubt();
    asking.add(5).unwrap();
}
