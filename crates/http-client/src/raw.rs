//! HTTP/1.1 without a library: text on a TCP connection.
//!
//! A request is a line, headers, an empty line, and perhaps a body; an answer has the same shape
//! (RFC 9112, section 2.1). Where the body ends is not visible in its bytes: a header gives its
//! length, here `Content-Length`. The second half of this module is a server whose header is wrong
//! (RFC 9112, section 6.3), and the run of a client that believes it.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use narration::exact;
use trace::{Contradiction, Event, Trace};

use crate::client::{ApiClient, ApiError};
use crate::server::ApiServer;
use crate::{EXPERIMENT_TIMEOUT, timed};

/// The bytes of one exchange, both ways.
#[derive(Debug, PartialEq, Eq)]
pub struct Exchange {
    /// What the client wrote.
    pub request: Message,
    /// What came back until the server closed.
    pub answer: Message,
}

/// A request or an answer, cut into its parts. Line ends are left out.
#[derive(Debug, PartialEq, Eq)]
pub struct Message {
    /// The first line: the request line, or the status line.
    pub start: String,
    /// The header lines.
    pub headers: Vec<String>,
    /// What follows the empty line.
    pub body: Vec<u8>,
}

/// A GET, written by hand.
///
/// # Errors
/// If there is no answer in time, or none that is HTTP.
pub fn get_by_hand() -> anyhow::Result<Exchange> {
    let server = ApiServer::on_loopback()?;
    let request = request(server.addr());
    let mut stream = connect(server.addr())?;
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    let most = ApiClient::MAX_BODY as u64;
    (&stream).take(most).read_to_end(&mut answer)?;
    Ok(Exchange { request: Message::cut(request.as_bytes())?, answer: Message::cut(&answer)? })
}

fn request(host: SocketAddr) -> String {
    format!(
        "GET /users/octocat HTTP/1.1\r\n\
         Host: {host}\r\n\
         User-Agent: by-hand/1.0\r\n\
         Accept: application/json\r\n\
         Connection: close\r\n\
         \r\n"
    )
}

impl Message {
    /// Cuts at the first empty line.
    fn cut(bytes: &[u8]) -> io::Result<Message> {
        const EMPTY_LINE: &[u8] = b"\r\n\r\n";
        let end = bytes
            .windows(EMPTY_LINE.len())
            .position(|window| window == EMPTY_LINE)
            .ok_or_else(|| {
                io::Error::new(
                    io::ErrorKind::InvalidData,
                    "no empty line, so no end of the headers",
                )
            })?;
        let head = String::from_utf8_lossy(&bytes[..end]);
        let mut lines = head.split("\r\n").map(str::to_owned);
        Ok(Message {
            start: lines.next().unwrap_or_default(),
            headers: lines.collect(),
            body: bytes[end + EMPTY_LINE.len()..].to_vec(),
        })
    }
}

/// The body of the wrong answer,
pub const BODY: &str = r#"{"id": 42, "name": "Alice"}"#;

/// and the length in its header.
pub const CLAIMED: usize = 42;

/// What a client that reads by hand sees of [`BODY`] when it is announced as [`CLAIMED`] bytes.
#[derive(Debug)]
pub struct Wait {
    /// Its timeout.
    pub timeout: Duration,
    /// Bytes of the body that came.
    pub came: usize,
    /// How long it waited for the rest before it gave up.
    pub waited: Duration,
    /// Whether the timeout ended the wait, and not the server.
    pub gave_up: bool,
    /// Bytes that the server still read, until the client closed.
    pub read_at_last: usize,
}

/// The wrong answer, read by hand and by a library.
#[derive(Debug)]
pub struct WrongLength {
    /// Read by hand.
    pub by_hand: Wait,
    /// The library's error while the server keeps the connection open.
    pub kept_open: ApiError,
    /// Its error when the server closes instead.
    pub closed: ApiError,
}

/// A server announces more than it sends. It writes its bytes by hand: hyper compares the two
/// lengths, and panics in a debug build where they differ.
///
/// # Errors
/// If the system refuses a call, or a client accepts the answer.
pub fn wrong_length(timeout: Duration) -> anyhow::Result<WrongLength> {
    Ok(WrongLength {
        by_hand: wait_by_hand(timeout)?,
        kept_open: ask_liar(Then::Wait, timeout)?,
        // The server closes at once, so the timeout does not matter.
        closed: ask_liar(Then::Close, EXPERIMENT_TIMEOUT)?,
    })
}

/// Reads the wrong answer as its header asks: until 42 bytes of body are there, or the timeout
/// passes.
///
/// # Errors
/// If the system refuses a call.
pub fn wait_by_hand(timeout: Duration) -> io::Result<Wait> {
    let liar = Liar::start(Then::Wait)?;
    let mut stream = BufReader::new(connect(liar.addr)?);
    stream.get_mut().write_all(request(liar.addr).as_bytes())?;
    read_head(&mut stream)?;
    let mut body = Vec::new();
    // The server sends all it has at once and then nothing, so a timeout for each read is one for
    // the whole.
    stream.get_ref().set_read_timeout(Some(timeout))?;
    let (read, waited) = timed(|| stream.take(CLAIMED as u64).read_to_end(&mut body));
    let gave_up = match read {
        Ok(_) => false,
        Err(error) if is_timeout(&error) => true,
        Err(error) => return Err(error),
    };
    // `take` has consumed the stream, so it is closed by now, and the server's last read returns.
    Ok(Wait { timeout, came: body.len(), waited, gave_up, read_at_last: liar.finish()? })
}

impl Wait {
    /// The run, message by message. No measured time is in it.
    ///
    /// # Errors
    /// Never: the messages are received after they were sent.
    pub fn trace(&self) -> Result<Trace, Contradiction> {
        let Wait { timeout, came, read_at_last, .. } = self;
        let [client, server] = [0, 1];
        let mut trace = Trace::new(["client", "server"]);
        let exchanged = [
            (client, "connect", "connect".to_owned(), "accept".to_owned()),
            (client, "request", "GET /users/octocat".to_owned(), "reads the head".to_owned()),
            (
                server,
                "answer",
                format!("sends {} of {CLAIMED}", BODY.len()),
                format!("reads {came} bytes"),
            ),
        ];
        for (from, message, sends, receives) in exchanged {
            let to = 1 - from;
            trace.push(Event::send(from, to, message).label(sends))?;
            trace.push(Event::receive(to, message).label(receives))?;
        }
        if self.gave_up {
            let missing = CLAIMED.saturating_sub(*came);
            trace.push(Event::local(client).label(format!("waits for {missing} more")))?;
            let over = format!("{}: gives up", exact(*timeout));
            trace.push(Event::send(client, server, "close").label(over))?;
            let last = format!("reads {read_at_last} bytes");
            trace.push(Event::receive(server, "close").label(last))?;
        }
        Ok(trace)
    }
}

fn ask_liar(then: Then, timeout: Duration) -> anyhow::Result<ApiError> {
    let liar = Liar::start(then)?;
    let client = ApiClient::new(&format!("http://{}", liar.addr), timeout)?;
    match client.get::<serde_json::Value>("/") {
        Ok(_) => anyhow::bail!("27 bytes were accepted as 42"),
        Err(error) => Ok(error),
    }
}

/// What a [`Liar`] does after its answer.
#[derive(Clone, Copy)]
enum Then {
    Wait,
    Close,
}

/// A server for one request, which announces [`CLAIMED`] bytes and sends [`BODY`].
struct Liar {
    addr: SocketAddr,
    thread: Option<JoinHandle<io::Result<usize>>>,
}

impl Liar {
    fn start(then: Then) -> io::Result<Liar> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let addr = listener.local_addr()?;
        let thread = thread::spawn(move || answer_one(&listener, then));
        Ok(Liar { addr, thread: Some(thread) })
    }

    /// What it read after its answer, once the client has closed.
    fn finish(mut self) -> io::Result<usize> {
        let thread = self.thread.take().expect("it is taken here and in `drop` alone");
        thread.join().expect("the server does not panic")
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            // How the client ended the connection does not matter.
            let _ = thread.join();
        }
    }
}

/// Bytes that came after its answer.
fn answer_one(listener: &TcpListener, then: Then) -> io::Result<usize> {
    let (stream, _) = listener.accept()?;
    stream.set_read_timeout(Some(EXPERIMENT_TIMEOUT))?;
    let mut stream = BufReader::new(stream);
    read_head(&mut stream)?;
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {CLAIMED}\r\n\r\n"
    );
    stream.get_mut().write_all(format!("{head}{BODY}").as_bytes())?;
    match then {
        Then::Close => Ok(0),
        // Until the client closes.
        Then::Wait => stream.read(&mut [0]),
    }
}

/// Reads up to and with the empty line.
fn read_head(stream: &mut impl BufRead) -> io::Result<()> {
    const LONGEST: u64 = 8 * 1024;
    let mut head = stream.take(LONGEST);
    let mut line = Vec::new();
    while head.read_until(b'\n', &mut line)? > 2 {
        line.clear();
    }
    Ok(())
}

fn connect(addr: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&addr, EXPERIMENT_TIMEOUT)?;
    stream.set_read_timeout(Some(EXPERIMENT_TIMEOUT))?;
    stream.set_write_timeout(Some(EXPERIMENT_TIMEOUT))?;
    Ok(stream)
}

/// A socket's own timeout is `WouldBlock` on Unix and `TimedOut` on Windows.
fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_messages_have_the_same_shape() {
        let Exchange { request, answer } = get_by_hand().unwrap();
        assert_eq!(request.start, "GET /users/octocat HTTP/1.1");
        assert_eq!(request.headers.len(), 4);
        assert!(request.body.is_empty());
        assert_eq!(answer.start, "HTTP/1.1 200 OK");
        assert!(answer.headers.contains(&format!("content-length: {}", answer.body.len())));
    }

    #[test]
    fn a_body_of_27_bytes_is_not_accepted_as_42() {
        let timeout = Duration::from_millis(50);
        let saw = wrong_length(timeout).unwrap();
        let Wait { came, gave_up, waited, read_at_last, .. } = saw.by_hand;
        assert_eq!((came, gave_up, read_at_last), (BODY.len(), true, 0));
        assert!(waited >= timeout);
        assert!(matches!(saw.kept_open, ApiError::TimedOut { .. }), "{:?}", saw.kept_open);
        assert!(matches!(saw.closed, ApiError::Broken { .. }), "{:?}", saw.closed);
    }

    #[test]
    fn the_run_ends_with_the_wait_for_what_never_comes() {
        let run = wait_by_hand(Duration::from_millis(50)).unwrap().trace().unwrap();
        let labels: Vec<_> = run.events().iter().map(|event| &*event.label).collect();
        assert_eq!(
            labels[5..],
            ["reads 27 bytes", "waits for 15 more", "50 ms: gives up", "reads 0 bytes"]
        );
        assert_eq!(run.in_flight().count(), 0);
    }

    #[test]
    fn a_head_without_an_end_is_an_error() {
        assert!(Message::cut(b"HTTP/1.1 200 OK\r\nheaders: only\r\n").is_err());
    }
}
