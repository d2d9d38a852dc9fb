//! A server on the lesson's internet, and the reader's own kernel as its client.

use std::fs::File;
use std::io::{IsTerminal, Write, stderr};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use internet::kernel::{self, Session};
use internet::{Internet, Link, NodeId, Tcp, TopologyError};
use narration::{TunArgs, WithHint};

use crate::pair::SERVER;

/// The port of the web server.
const WEB: u16 = 80;

/// The port of the server that sends back what it receives (RFC 862).
const ECHO: u16 = 7;

/// The longest request that is read.
const LONGEST_REQUEST: usize = 8 * 1024;

/// The largest file that is asked for.
const LARGEST: usize = 10_000_000;

/// How many connections are served at once; the next ones wait in the stack.
const MOST_CONNECTIONS: usize = 64;

/// How many bytes of an answer are made at once.
const CHUNK: usize = 16 * 1024;

/// Runs a command on a laptop, whose stack is this machine's kernel, beside a server that answers
/// `curl` and `nc`; ends as the command did.
///
/// # Errors
/// Those of [`kernel`]; where this system cannot do it, the exit code is 2.
pub fn tun(args: &TunArgs) -> anyhow::Result<ExitCode> {
    let TunArgs { lost, seed, pcap, log, command } = args;
    let log = log.then_some(narration::log as fn(String));
    let ended = kernel::run(&Session { command, pcap: pcap.as_deref(), log }, || {
        if command.is_empty() && stderr().is_terminal() {
            narration::log(format!(
                "This shell is on a laptop. Try: curl http://{SERVER}/1000. To leave: exit."
            ));
        }
        let (net, laptop, server) = world(seed.seed, 10 * lost).expect("a valid topology");
        let mut programs = Programs { server, connections: Vec::new() };
        (net, laptop, move |net: &mut Internet| programs.work(net))
    });
    ended.exit_from(|error| (error.exit_code(), error.advice()))
}

/// Writes a new file for Wireshark.
///
/// # Errors
/// If the file cannot be written, or is there already.
pub fn write_pcap(path: &Path, packets: &[u8]) -> anyhow::Result<()> {
    File::create_new(path)
        .and_then(|mut file| file.write_all(packets))
        .with_context(|| format!("cannot write {}", path.display()))
        .hint("--pcap takes the name of a new file")
}

/// A laptop, a router, and a server that listens, behind a link that loses `lost` of a thousand
/// packets, each way.
fn world(seed: u64, lost: u64) -> Result<(Internet, NodeId, NodeId), TopologyError> {
    let mut net = Internet::new(seed);
    let laptop = net.tap("laptop", "192.0.2.10")?;
    let home = net.router("home", "192.0.2.1")?;
    let server = net.host("server", SERVER)?;
    let near = Link { delay: Duration::from_millis(1), ..Link::default() };
    net.link(laptop, home, near)?;
    net.link(home, server, Link { lost, ..Link::default() })?;
    net.listen(server, WEB);
    net.listen(server, ECHO);
    Ok((net, laptop, server))
}

/// The programs on the server.
struct Programs {
    server: NodeId,
    connections: Vec<Connection>,
}

struct Connection {
    tcp: Tcp,
    kind: Kind,
}

enum Kind {
    /// What was read and is not sent back yet.
    Echo(Vec<u8>),
    /// A request that is not complete.
    Asking(Vec<u8>),
    /// A head, and the number of bytes that follow it.
    Answering { head: Vec<u8>, body: usize },
    /// All is given to the stack.
    Done,
}

impl Programs {
    /// Does what can be done now.
    fn work(&mut self, net: &mut Internet) {
        for (port, begins) in [(ECHO, Kind::Echo as fn(Vec<u8>) -> Kind), (WEB, Kind::Asking)] {
            while self.connections.len() < MOST_CONNECTIONS
                && let Some(tcp) = net.accept(self.server, port)
            {
                self.connections.push(Connection { tcp, kind: begins(Vec::new()) });
            }
        }
        self.connections.retain_mut(|connection| connection.work(net));
    }
}

impl Connection {
    /// Returns whether the connection goes on.
    fn work(&mut self, net: &mut Internet) -> bool {
        let is_open = net.tcp(self.tcp).is_open();
        if !is_open {
            net.remove(self.tcp);
            return false;
        }
        match &mut self.kind {
            Kind::Echo(held) => {
                // What the client does not take is not read either: its window closes.
                if held.len() < CHUNK {
                    held.extend(net.read(self.tcp));
                }
                let taken = net.write(self.tcp, held);
                held.drain(..taken);
                if held.is_empty() && !net.tcp(self.tcp).may_recv() {
                    net.close(self.tcp);
                    self.kind = Kind::Done;
                }
            }
            Kind::Asking(request) => {
                request.extend(net.read(self.tcp));
                if let Some((head, body)) = answer(request) {
                    self.kind = Kind::Answering { head, body };
                    return self.work(net);
                }
                if !net.tcp(self.tcp).may_recv() {
                    net.close(self.tcp);
                    self.kind = Kind::Done;
                }
            }
            Kind::Answering { head, body } => {
                net.read(self.tcp);
                let taken = net.write(self.tcp, head);
                head.drain(..taken);
                while head.is_empty() && *body > 0 {
                    let taken = net.write(self.tcp, &[b'x'; CHUNK][..CHUNK.min(*body)]);
                    *body -= taken;
                    if taken == 0 {
                        break;
                    }
                }
                if head.is_empty() && *body == 0 {
                    net.close(self.tcp);
                    self.kind = Kind::Done;
                }
            }
            Kind::Done => {
                net.read(self.tcp);
            }
        }
        true
    }
}

/// The answer to a request, once that is complete: its head, and how many bytes follow.
fn answer(request: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut parsed = httparse::Request::new(&mut headers);
    let (status, body) = match parsed.parse(request) {
        Ok(httparse::Status::Partial) if request.len() <= LONGEST_REQUEST => return None,
        Ok(httparse::Status::Complete(_)) => {
            let number = parsed.path.and_then(|path| path.strip_prefix('/')?.parse().ok());
            match number {
                _ if parsed.method != Some("GET") => ("405 Method Not Allowed", 0),
                Some(number) if number <= LARGEST => ("200 OK", number),
                _ => ("404 Not Found", 0),
            }
        }
        Ok(httparse::Status::Partial) | Err(_) => ("400 Bad Request", 0),
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {body}\r\nConnection: close\r\n\r\n");
    Some((head.into_bytes(), body))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(request: &[u8]) -> Option<(String, usize)> {
        let (head, body) = answer(request)?;
        let head = String::from_utf8(head).expect("text");
        Some((head.lines().next().unwrap_or_default().to_owned(), body))
    }

    #[test]
    fn a_path_is_a_number_of_bytes() {
        let get = |path: &str| status(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes());
        assert_eq!(get("/1000"), Some(("HTTP/1.1 200 OK".to_owned(), 1000)));
        for path in ["/", "/many", "/10000001", "/-1"] {
            assert_eq!(get(path), Some(("HTTP/1.1 404 Not Found".to_owned(), 0)), "{path}");
        }
    }

    #[test]
    fn a_request_is_complete_invalid_or_awaited() {
        assert_eq!(status(b"GET /1 HTTP/1.1\r\n"), None);
        let post = status(b"POST /1 HTTP/1.1\r\n\r\n");
        assert_eq!(post, Some(("HTTP/1.1 405 Method Not Allowed".to_owned(), 0)));
        let refused = Some(("HTTP/1.1 400 Bad Request".to_owned(), 0));
        assert_eq!(status(b"\x00\x01\x02\r\n\r\n"), refused);
        let endless = [b"GET /".to_vec(), vec![b'x'; LONGEST_REQUEST]].concat();
        assert_eq!(status(&endless), refused);
    }
}
