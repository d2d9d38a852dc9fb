//! Five stories that end in the same timeout.

use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use common::fault::{Fault, Proxy};
use common::frame::Framing;
use common::transport::{Connection, Deadline, Limits, Running, Server, TransportError};

use crate::bank::{Ledger, REQUEST};
use crate::client::{AskError, ask, timed_out_after_sending};
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

/// One story from both ends.
#[derive(Debug)]
pub struct View {
    /// What happened.
    pub story: Story,
    /// What the client got: the reply or an error.
    pub saw: Result<Vec<u8>, AskError>,
    /// When it got that.
    pub after: Duration,
    /// Payments in the server's ledger when the client gave up.
    pub ledger_then: u64,
    /// Payments in the end.
    pub ledger_in_the_end: u64,
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
fn play(story: Story) -> Result<View, TransportError> {
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
    if arrives && story != Story::Slow {
        wait_for(&server_finished)?;
    }
    let ledger_then = ledger.payments();
    drop(gave_up);
    if arrives && story == Story::Slow {
        wait_for(&server_finished)?;
    }
    Ok(View { story, saw, after, ledger_then, ledger_in_the_end: ledger.payments() })
}

/// Starts the story's server. Slow work takes until the client has given up, whenever that is, so
/// that the outcome depends on no clock.
fn serve(
    story: Story,
    ledger: Ledger,
    client_gave_up: Receiver<()>,
    finished: Sender<()>,
) -> Result<Running, TransportError> {
    let client_gave_up = Mutex::new(client_gave_up);
    let handle = move |connection: &mut Connection| {
        let Some(request) = connection.receive(Deadline::after(EXPERIMENT_TIMEOUT))? else {
            return Ok(());
        };
        if story == Story::Slow {
            let gave_up = client_gave_up.lock().expect("no other connection is served");
            // The sender is dropped when the client has given up; nothing is ever sent.
            let _ = gave_up.recv_timeout(EXPERIMENT_TIMEOUT);
        }
        let mut reply = Vec::new();
        if story != Story::CrashedBefore {
            ledger.answer(request, &mut reply);
        }
        // The receiver may have timed out, too.
        let _ = finished.send(());
        match story {
            Story::CrashedBefore | Story::CrashedAfter => Ok(()),
            _ => connection.send(&reply, Deadline::after(EXPERIMENT_TIMEOUT)),
        }
    };
    let server = Server::bind("127.0.0.1:0", Limits::default())?;
    Ok(server.spawn_connections(Framing::Lines, handle))
}

fn wait_for(server_finished: &Receiver<()>) -> Result<(), TransportError> {
    let doing = "waiting for the server to finish";
    server_finished.recv_timeout(EXPERIMENT_TIMEOUT).map_err(|_| TransportError::TimedOut { doing })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_stories_look_the_same_and_the_ledgers_differ() {
        let views = five_stories().unwrap();
        for view in &views {
            let error = view.saw.as_ref().unwrap_err();
            assert!(matches!(error, AskError::Unanswered(_)), "{view:?}");
            assert_eq!(error.to_string(), "timed out while waiting for a reply");
            assert!(view.after >= DEADLINE, "{view:?}");
        }
        let ledgers = |view: &View| (view.ledger_then, view.ledger_in_the_end);
        let ledgers: Vec<_> = views.iter().map(ledgers).collect();
        assert_eq!(ledgers, [(0, 0), (0, 0), (1, 1), (1, 1), (0, 1)]);
    }
}
