//! Five stories that end in the same timeout.
//!
//! What each server did is noted by the server itself, and [`View::trace`] draws it beside what the
//! client saw.

use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use common::fault::{Fault, Proxy};
use common::frame::Framing;
use common::transport::{Connection, Deadline, Limits, Running, Server, TransportError};
use trace::{Contradiction, Event, Trace};

use crate::bank::{Ledger, RECEIPT, REQUEST};
use crate::client::{RequestError, ask, timed_out_after_sending};
use crate::{EXPERIMENT_TIMEOUT, timed};

/// How long each client waits.
pub const DEADLINE: Duration = Duration::from_millis(200);

/// What really happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Story {
    /// The network lost the request.
    RequestLost,
    /// The server's machine went down after it had received the request.
    CrashedBefore,
    /// The server's machine went down when the work was done, and the reply not yet sent.
    CrashedAfter,
    /// The network lost the reply.
    ReplyLost,
    /// Nothing is wrong; the work takes longer than the client waits.
    Slow,
}

impl Story {
    /// All five.
    pub const ALL: [Story; 5] = [
        Story::RequestLost,
        Story::CrashedBefore,
        Story::CrashedAfter,
        Story::ReplyLost,
        Story::Slow,
    ];

    /// Its name in a command.
    pub fn name(self) -> &'static str {
        match self {
            Story::RequestLost => "request-lost",
            Story::CrashedBefore => "crashed-before",
            Story::CrashedAfter => "crashed-after",
            Story::ReplyLost => "reply-lost",
            Story::Slow => "slow",
        }
    }

    /// What the network does on the way to the server, and on the way back.
    ///
    /// A crash swallows the end of the stream, too: a machine without power closes nothing. Where a
    /// process alone dies, its system closes the connection for it, and the client learns more.
    fn faults(self) -> (Fault, Fault) {
        let lost = Fault::BlackHole { after: 0 };
        match self {
            Story::RequestLost => (lost, Fault::Pass),
            Story::CrashedBefore | Story::CrashedAfter | Story::ReplyLost => (Fault::Pass, lost),
            Story::Slow => (Fault::Pass, Fault::Pass),
        }
    }
}

/// What a server did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerEvent {
    /// It received the request.
    Received,
    /// It wrote the payment into its ledger.
    Paid,
    /// Its machine went down.
    PowerCut,
    /// It wrote the reply to its connection.
    Replied,
}

/// One story from both ends.
#[derive(Debug)]
pub struct View {
    /// What happened.
    pub story: Story,
    /// What the client got: the reply or an error.
    pub saw: Result<Vec<u8>, RequestError>,
    /// When it got that.
    pub after: Duration,
    /// Payments in the server's ledger when the client gave up.
    pub ledger_then: u64,
    /// Payments in the end.
    pub ledger_in_the_end: u64,
    /// What the server did, in its order.
    pub server_did: Vec<ServerEvent>,
}

/// The nodes of a story's trace.
const CLIENT: usize = 0;
const NETWORK: usize = 1;
const SERVER: usize = 2;

impl View {
    /// The story as a trace between the client, the network and the server.
    ///
    /// The client's giving up and the server's work are concurrent, but for [`Story::Slow`], whose
    /// server works until the client has given up. So wherever the client's row stands is right for
    /// the others; it stands last.
    ///
    /// # Errors
    /// If the server did something that it cannot have done.
    pub fn trace(&self) -> Result<Trace, Contradiction> {
        let shown = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let (request, reply) = (shown(REQUEST), shown(RECEIPT));
        // A message has one arrow and one name; this one takes two, to the network and from there.
        let forwarded = format!("{request}, forwarded");
        let mut trace = Trace::new(["client", "network", "server"]);
        trace.push(Event::send(CLIENT, NETWORK, &*request).label(&*request))?;
        let taken = Event::receive(NETWORK, &*request);
        if self.story == Story::RequestLost {
            trace.push(taken.label("loses it"))?;
        } else {
            trace.push(taken)?;
            trace.push(Event::send(NETWORK, SERVER, &*forwarded))?;
        }
        let gives_up = || Event::local(CLIENT).label("gives up");
        for did in &self.server_did {
            match did {
                ServerEvent::Received => {
                    trace.push(Event::receive(SERVER, &*forwarded))?;
                    if self.story == Story::Slow {
                        trace.push(gives_up())?;
                    }
                }
                ServerEvent::Paid => trace.push(Event::local(SERVER).label("pays"))?,
                ServerEvent::PowerCut => trace.push(Event::local(SERVER).label("power cut"))?,
                ServerEvent::Replied => {
                    trace.push(Event::send(SERVER, NETWORK, &*reply).label(&*reply))?;
                    let fate = match self.story {
                        Story::Slow => "too late",
                        _ => "loses it",
                    };
                    trace.push(Event::receive(NETWORK, &*reply).label(fate))?;
                }
            }
        }
        if self.story != Story::Slow {
            trace.push(gives_up())?;
        }
        Ok(trace)
    }
}

/// Plays all five at the same time, each with a server, a proxy and a client of its own.
///
/// # Errors
/// If the system refuses a socket, or a server does not finish its work.
pub fn five_stories() -> Result<Vec<View>, TransportError> {
    thread::scope(|scope| {
        let clients = Story::ALL.map(|story| scope.spawn(move || play(story)));
        clients.into_iter().map(|client| client.join().expect("a story does not panic")).collect()
    })
}

/// Plays one. A busy machine may delay the client before its request has left, which is another
/// story; so then it is repeated.
///
/// # Errors
/// As [`five_stories`].
pub fn play(story: Story) -> Result<View, TransportError> {
    let tries = Deadline::after(EXPERIMENT_TIMEOUT);
    loop {
        let view = play_once(story)?;
        if timed_out_after_sending(&view.saw) || tries.remaining().is_none() {
            return Ok(view);
        }
    }
}

fn play_once(story: Story) -> Result<View, TransportError> {
    let ledger = Ledger::default();
    let (gave_up, client_gave_up) = mpsc::channel();
    let (finished, server_finished) = mpsc::channel();
    let server = serve(story, ledger.clone(), client_gave_up, finished)?;
    let (to_server, to_client) = story.faults();
    let proxy = Proxy::start(server.addr(), to_server, to_client)?;

    let to = proxy.addr().to_string();
    let (saw, after) = timed(|| ask(&to, REQUEST, DEADLINE, Deadline::after(DEADLINE)));
    // A server to which nothing was sent has nothing to finish.
    let arrives = timed_out_after_sending(&saw) && story != Story::RequestLost;
    let mut server_did = Vec::new();
    if arrives && story != Story::Slow {
        server_did = wait_for(&server_finished)?;
    }
    let ledger_then = ledger.payments();
    drop(gave_up);
    if arrives && story == Story::Slow {
        server_did = wait_for(&server_finished)?;
    }
    let ledger_in_the_end = ledger.payments();
    Ok(View { story, saw, after, ledger_then, ledger_in_the_end, server_did })
}

/// Starts the story's server. Slow work takes until the client has given up, whenever that is, so
/// that the outcome depends on no clock.
fn serve(
    story: Story,
    ledger: Ledger,
    client_gave_up: Receiver<()>,
    finished: Sender<Vec<ServerEvent>>,
) -> Result<Running, TransportError> {
    let client_gave_up = Mutex::new(client_gave_up);
    let handle = move |connection: &mut Connection| {
        let Some(request) = connection.receive(Deadline::after(EXPERIMENT_TIMEOUT))? else {
            return Ok(());
        };
        let mut did = vec![ServerEvent::Received];
        if story == Story::Slow {
            let gave_up = client_gave_up.lock().expect("no other connection is served");
            // The sender is dropped when the client has given up; nothing is ever sent.
            let _ = gave_up.recv_timeout(EXPERIMENT_TIMEOUT);
        }
        let mut reply = Vec::new();
        if story != Story::CrashedBefore && ledger.answer(request, &mut reply).is_some() {
            did.push(ServerEvent::Paid);
        }
        did.push(match story {
            Story::CrashedBefore | Story::CrashedAfter => ServerEvent::PowerCut,
            _ => {
                connection.send(&reply, Deadline::after(EXPERIMENT_TIMEOUT))?;
                ServerEvent::Replied
            }
        });
        // The receiver may have timed out.
        let _ = finished.send(did);
        Ok(())
    };
    let server = Server::bind("127.0.0.1:0", Limits::default())?;
    Ok(server.spawn_connections(Framing::Lines, handle))
}

fn wait_for(
    server_finished: &Receiver<Vec<ServerEvent>>,
) -> Result<Vec<ServerEvent>, TransportError> {
    let doing = "waiting for the server to finish";
    server_finished.recv_timeout(EXPERIMENT_TIMEOUT).map_err(|_| TransportError::TimedOut { doing })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observe() -> Vec<View> {
        let views = five_stories().unwrap();
        for view in &views {
            assert!(timed_out_after_sending(&view.saw), "{view:?}");
        }
        views
    }

    #[test]
    fn five_stories_look_the_same_and_the_ledgers_differ() {
        let views = observe();
        assert!(views.iter().all(|view| view.after >= DEADLINE), "{views:?}");
        let ledgers = |view: &View| (view.ledger_then, view.ledger_in_the_end);
        let ledgers: Vec<_> = views.iter().map(ledgers).collect();
        assert_eq!(ledgers, [(0, 0), (0, 0), (1, 1), (1, 1), (0, 1)]);
    }

    /// What the node of a trace does, without its empty labels.
    fn column(trace: &Trace, node: usize) -> Vec<&str> {
        let events = trace.events().iter().filter(|event| event.node == node);
        events.map(|event| &*event.label).filter(|label| !label.is_empty()).collect()
    }

    #[test]
    fn the_clients_column_is_the_same_in_all_five_diagrams() {
        let columns = [
            (["loses it"].as_slice(), [].as_slice()),
            (&[], &["power cut"]),
            (&[], &["pays", "power cut"]),
            (&["loses it"], &["pays", "paid 100"]),
            (&["too late"], &["pays", "paid 100"]),
        ];
        for (view, (network, server)) in observe().iter().zip(columns) {
            let trace = view.trace().unwrap();
            assert_eq!(column(&trace, CLIENT), ["pay 100", "gives up"], "{view:?}");
            assert_eq!(column(&trace, NETWORK), network, "{view:?}");
            assert_eq!(column(&trace, SERVER), server, "{view:?}");
        }
    }

    #[test]
    fn the_slow_server_pays_after_the_client_has_given_up() {
        let trace = play(Story::Slow).unwrap().trace().unwrap();
        let row = |label| trace.events().iter().position(|event| event.label == label);
        assert!(row("gives up") < row("pays"));
    }
}
