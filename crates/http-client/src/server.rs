//! The lesson's own API server: a small piece of GitHub's API, on this machine, with faults on
//! request.
//!
//! The problem: a client can only be understood next to a server that answers each way a server can
//! answer, and the internet is not the place to provoke that. The idea: the routes (in `routes`)
//! are an axum router; this module serves them so that no peer can block the server. A thread of
//! its own runs a single-threaded tokio runtime. One task accepts; each connection is a task that
//! speaks HTTP/1.1 through hyper. [`ApiServer::counts`] says how many connections were accepted and
//! how many requests came over them, which no client can know.
//!
//! What holds, however a peer behaves:
//!
//! * At most [`Limits::connections`] are served. For the next client the oldest connection has to
//!   end: at once if it is idle, else after its exchange. Idle clients keep no other client out.
//! * A request head that is not complete within [`Limits::head_time`] ends its connection
//!   (`axum::serve` alone has no such timeout), and so does one larger than [`Limits::head`], with
//!   status 431.
//! * A request body is read up to [`Limits::body`]; a larger one is answered with 413.
//! * A body that is not complete within [`Limits::request_time`] is answered with 408, and no
//!   connection lasts longer than [`Limits::connection_time`], even if the client never reads.
//! * What is stored is bounded: the newest issues, each within its limits.
//!
//! Left out: TLS, HTTP/2, and the `Date` header, which RFC 9110 section 6.6.1 wants of a server
//! that has a clock. Here it would be the one thing that differs between two runs.

mod bodies;
mod issues;
mod routes;

pub use issues::Issue;
pub use routes::{DRIP_BYTES, DRIP_PACE, HUGE, READER, SLOW, STATUSES, WRITER};

use std::collections::VecDeque;
use std::mem;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::Router;
use common::transport::{Reason, TransportError};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::runtime::Runtime;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{AbortHandle, JoinSet};

use issues::Issues;

/// What a careless or hostile client can make the server spend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections open at a time.
    pub connections: usize,
    /// Bytes of a request line with its headers, at least 8,192.
    pub head: usize,
    /// Time for those to arrive, and for the next request on an idle connection.
    pub head_time: Duration,
    /// Bytes of a request's body.
    pub body: usize,
    /// Time from a request's head to the head of its answer.
    pub request_time: Duration,
    /// Time that a connection lasts, whatever happens on it.
    pub connection_time: Duration,
}

impl Default for Limits {
    /// 64 connections of at most a minute, 16 KiB of head in 5 s, 64 KiB of body, 10 s for a
    /// request.
    fn default() -> Limits {
        Limits {
            connections: 64,
            head: 16 * 1024,
            head_time: Duration::from_secs(5),
            body: 64 * 1024,
            request_time: Duration::from_secs(10),
            connection_time: Duration::from_secs(60),
        }
    }
}

/// What the server has seen since it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Connections accepted.
    pub connections: u64,
    /// Requests whose head was understood.
    pub requests: u64,
}

/// A running server; dropping it stops it and waits for the exchanges in progress.
///
/// ```
/// use http_client::server::{ApiServer, Limits};
///
/// let server = ApiServer::start("127.0.0.1:0", Limits::default(), |_| {})?;
/// assert!(server.url().starts_with("http://127.0.0.1:"));
/// assert_eq!(server.counts().connections, 0);
/// # Ok::<(), common::transport::TransportError>(())
/// ```
pub struct ApiServer {
    addr: SocketAddr,
    api: Arc<Api>,
    accepting: AbortHandle,
    thread: Option<JoinHandle<()>>,
}

impl ApiServer {
    /// Listens on `listen` (`host:port`; port 0 takes a free one) and serves. `log` gets a line for
    /// each request and for each connection that failed; what a client sent stands in it as it
    /// came.
    ///
    /// # Errors
    /// [`TransportError::Bind`] if the address cannot be had, [`TransportError::Io`] if the system
    /// has no resources left for the server's thread.
    pub fn start(
        listen: &str,
        limits: Limits,
        log: impl Fn(&str) + Send + Sync + 'static,
    ) -> Result<ApiServer, TransportError> {
        let (listener, addr) = bind(listen)?;
        let api = Arc::new(Api::new(Box::new(log)));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| io("starting the runtime", error))?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)
                .map_err(|error| io("watching the listening socket", error))?
        };

        let open = Arc::new(Mutex::default());
        let router = routes::router(Arc::clone(&api), &limits);
        let accepting = runtime.spawn(accept_all(
            listener,
            router,
            limits,
            Arc::clone(&api),
            Arc::clone(&open),
        ));
        let abort = accepting.abort_handle();
        let thread = thread::Builder::new()
            .name("api-server".to_owned())
            .spawn(move || serve_until_aborted(&runtime, accepting, &open))
            .map_err(|error| io("starting the server's thread", error))?;
        Ok(ApiServer { addr, api, accepting: abort, thread: Some(thread) })
    }

    /// A server without a log, with the default limits, on a free port of this machine.
    ///
    /// # Errors
    /// As [`start`](ApiServer::start).
    pub fn on_loopback() -> Result<ApiServer, TransportError> {
        ApiServer::start("127.0.0.1:0", Limits::default(), |_| {})
    }

    /// The address that it listens on, with the real port.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The URL of its API, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What it has seen so far.
    pub fn counts(&self) -> Counts {
        self.api.counts()
    }

    /// The issues that it stores now, oldest first.
    pub fn issues(&self) -> Vec<Issue> {
        self.api.issues().all()
    }
}

impl Drop for ApiServer {
    fn drop(&mut self) {
        self.accepting.abort();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the server's thread does not panic");
        }
    }
}

/// What the connections of one server share.
struct Api {
    connections: AtomicU64,
    requests: AtomicU64,
    /// Requests to the two routes that refuse some of them.
    flaky: AtomicU64,
    limited: AtomicU64,
    issues: Mutex<Issues>,
    log: Box<dyn Fn(&str) + Send + Sync>,
}

impl Api {
    fn new(log: Box<dyn Fn(&str) + Send + Sync>) -> Api {
        Api {
            connections: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            flaky: AtomicU64::new(0),
            limited: AtomicU64::new(0),
            issues: Mutex::new(Issues::with_the_first()),
            log,
        }
    }

    fn counts(&self) -> Counts {
        Counts {
            connections: self.connections.load(Ordering::SeqCst),
            requests: self.requests.load(Ordering::SeqCst),
        }
    }

    fn issues(&self) -> MutexGuard<'_, Issues> {
        lock(&self.issues)
    }
}

/// Each method leaves what is behind these locks consistent, so a panic elsewhere does no damage.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long a stopping server waits for the answers that are in progress.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(1);

/// Runs until the accepting task is aborted, then lets each connection finish its exchange.
fn serve_until_aborted(
    runtime: &Runtime,
    accepting: tokio::task::JoinHandle<()>,
    open: &Mutex<Open>,
) {
    runtime.block_on(async {
        // The task never ends by itself; being aborted is its only result.
        let _ = accepting.await;
        let open = mem::take(&mut *lock(open));
        // What takes longer ends with the runtime.
        let _ = tokio::time::timeout(SHUTDOWN_TIMEOUT, open.end_all()).await;
    });
}

/// The connections, each with a way to end it after its exchange.
#[derive(Default)]
struct Open {
    oldest_first: VecDeque<GracefulShutdown>,
    ending: JoinSet<()>,
}

impl Open {
    /// Enters a connection, and forgets those that have ended.
    fn enter(&mut self, connection: GracefulShutdown) {
        while self.ending.try_join_next().is_some() {}
        self.oldest_first.retain(|connection| connection.count() > 0);
        self.oldest_first.push_back(connection);
    }

    fn end_oldest(&mut self) {
        let oldest = self.oldest_first.pop_front();
        oldest.map(|oldest| self.ending.spawn(oldest.shutdown()));
    }

    async fn end_all(mut self) {
        while !self.oldest_first.is_empty() {
            self.end_oldest();
        }
        self.ending.join_all().await;
    }
}

/// After a failed `accept`: what is missing (a descriptor, memory) may come back when a connection
/// ends.
const PAUSE: Duration = Duration::from_millis(50);

async fn accept_all(
    listener: tokio::net::TcpListener,
    router: Router,
    limits: Limits,
    api: Arc<Api>,
    open: Arc<Mutex<Open>>,
) {
    let slots = Arc::new(Semaphore::new(limits.connections));
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        if slots.available_permits() == 0 {
            lock(&open).end_oldest();
        }
        let slot = Arc::clone(&slots).acquire_owned().await;
        let slot = slot.expect("the semaphore is never closed");
        api.connections.fetch_add(1, Ordering::SeqCst);
        let service = TowerToHyperService::new(router.clone());
        let connection = http1(&limits).serve_connection(TokioIo::new(stream), service);
        let graceful = GracefulShutdown::new();
        let connection = tokio::time::timeout(limits.connection_time, graceful.watch(connection));
        lock(&open).enter(graceful);
        let api = Arc::clone(&api);
        tokio::spawn(async move {
            let ended = connection.await;
            report(&api, peer, ended, slot);
        });
    }
}

/// HTTP/1.1 with bounds on what hyper reads before a request reaches the routes.
fn http1(limits: &Limits) -> http1::Builder {
    let mut http1 = http1::Builder::new();
    http1
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_buf_size(limits.head)
        .auto_date_header(false);
    http1
}

/// Logs how a connection ended, if not cleanly, and then gives its slot back.
fn report(
    api: &Api,
    peer: SocketAddr,
    ended: Result<hyper::Result<()>, tokio::time::error::Elapsed>,
    slot: OwnedSemaphorePermit,
) {
    match ended {
        Ok(Ok(())) => {}
        Ok(Err(error)) if error.is_timeout() => {
            (api.log)(&format!("{peer}: closed, no complete request came in time"));
        }
        Ok(Err(error)) if error.is_parse() => {
            (api.log)(&format!("{peer}: closed, that was not HTTP: {error}"));
        }
        Ok(Err(error)) => (api.log)(&format!("{peer}: closed: {error}")),
        Err(_) => (api.log)(&format!("{peer}: closed, the connection lasted too long")),
    }
    drop(slot);
}

fn bind(listen: &str) -> Result<(TcpListener, SocketAddr), TransportError> {
    let bound = TcpListener::bind(listen).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok((listener.local_addr()?, listener))
    });
    match bound {
        Ok((addr, listener)) => Ok((listener, addr)),
        Err(error) => Err(TransportError::Bind { addr: listen.to_owned(), source: Reason(error) }),
    }
}

fn io(doing: &'static str, error: std::io::Error) -> TransportError {
    let source = Reason(error);
    TransportError::Io { doing, source }
}
