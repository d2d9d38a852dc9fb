//! The client's half: a resolver that walks from the root down to the server that has the answer.
//!
//! A resolver knows the address of a root server, and nothing else. It asks there for the whole
//! name, gets a referral, asks the server of that zone, and so on (RFC 1034, section 5.3.3). All
//! that comes back is remembered for its TTL, so that the next walk begins further down.
//!
//! What holds, whatever the servers answer:
//!
//! * A look-up ends by its deadline, after at most [`MAX_EXCHANGES`] exchanges.
//! * A datagram counts as the answer only if its id and its question are those of the request.
//! * A server is believed for names in the zone that it was asked for, and for no other.
//! * A referral leads down, so that no two zones can refer to each other without end.
//!
//! Left out: servers' IPv6 addresses; choosing the fastest server; asking again without EDNS where
//! a server does not know it (RFC 6891, section 6.2.2); DNSSEC.

mod reply;

use std::net::Ipv4Addr;
use std::time::Duration;

use simple_dns::RCODE;

use crate::cache::{Cache, Known, Server};
use crate::message::{self, Over, Question, parse};
use crate::name::Name;
use crate::network::{Network, NetworkError};
use crate::record::{Kind, Record};

/// The most requests of one look-up, those for the addresses of servers included.
pub const MAX_EXCHANGES: usize = 64;

/// The most aliases that lead to one another.
pub const MAX_ALIASES: usize = 8;

/// The most look-ups inside of one another: for the address of a server, for which …
const MAX_DEPTH: usize = 4;

/// How long to wait.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For one answer, before the next server is asked.
    pub per_try: Duration,
    /// For a whole look-up.
    pub deadline: Duration,
}

impl Limits {
    /// So long for one answer, and six times as long for the look-up.
    pub fn new(per_try: Duration) -> Limits {
        Limits { per_try, deadline: 6 * per_try }
    }
}

impl Default for Limits {
    /// 800 ms for one answer: more than any round trip on earth takes.
    fn default() -> Limits {
        Limits::new(Duration::from_millis(800))
    }
}

/// A resolver with its cache.
pub struct Resolver<N> {
    /// What carries its requests.
    pub network: N,
    /// What it remembers.
    pub cache: Cache,
    /// The requests of the last look-up, in their order.
    pub exchanges: Vec<Exchange>,
    root: Ipv4Addr,
    limits: Limits,
    /// Draws the id of each request.
    draw_id: Box<dyn FnMut() -> u16>,
    /// When the look-up ends.
    deadline: Duration,
    /// The servers whose addresses are being looked up, each for the one before.
    pending: Vec<Name>,
}

/// A request, and what came of it.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The zone of which the server was asked.
    pub zone: Name,
    /// The name of the server.
    pub server: Name,
    /// Its address.
    pub address: Ipv4Addr,
    /// What was asked.
    pub question: Question,
    /// What carried it.
    pub over: Over,
    /// How many bytes the answer has.
    pub length: usize,
    /// How many datagrams came that were not the answer.
    pub ignored: usize,
    /// What was answered.
    pub said: Said,
}

/// What a server said, as far as it is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// An answer.
    Known(Known),
    /// That another zone has the name, with its servers.
    Referral(Name, Vec<Server>),
    /// That the answer is too long for a datagram.
    Truncated,
    /// No answer to the question, and no referral.
    Failed(Failure),
}

/// Why a server did not help.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No answer came, or none could.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// It answered with this status.
    #[error("it answers {0}")]
    Status(&'static str),
    /// It does not have the zone.
    #[error("it does not serve {0}")]
    Lame(Name),
    /// Its answer is not one, or is truncated over TCP, too.
    #[error("what it answers is not an answer to the question")]
    NotAnAnswer,
    /// Its address could not be looked up.
    #[error("the address of {0} was not found: {1}")]
    NoAddress(Name, Box<ResolveError>),
}

/// The records, and how they were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The aliases that led to them.
    pub aliases: Vec<Record>,
    /// The records, of the type that was asked for.
    pub records: Vec<Record>,
}

/// Why a look-up returns no records.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// The name does not exist.
    #[error("{0} does not exist (NXDOMAIN)")]
    NoSuchName(Name),
    /// It exists, and has no such record.
    #[error("{0} exists, and has no {1} record")]
    NoData(Name, Kind),
    /// No server of a zone answered the question.
    #[error("no server of {} gave an answer: {last}", in_words(.zone))]
    NoServer {
        /// The zone.
        zone: Name,
        /// What came of the last one.
        last: Failure,
    },
    /// Aliases lead back to one another.
    #[error("the alias {0} leads back to itself")]
    AliasCircle(Name),
    /// Too many aliases follow one another.
    #[error("more than {MAX_ALIASES} aliases follow one another, and end at {0}")]
    TooManyAliases(Name),
    /// The address of a server is needed to look up that same address.
    #[error("to look up the server {0} one needs the server {0}: the delegation is a circle")]
    DelegationCircle(Name),
    /// Too many look-ups inside of one another.
    #[error("more than {MAX_DEPTH} servers are each needed to look up the next")]
    TooDeep,
    /// It took too many requests.
    #[error("{MAX_EXCHANGES} requests did not lead to an answer")]
    TooManyExchanges,
    /// It took too long.
    #[error("the time for the look-up, {} ms, is over", .0.as_millis())]
    TimedOut(Duration),
}

/// What a walk learns from one zone.
enum Step {
    Known(Known),
    Down(Name, Vec<Server>),
}

/// What came of asking one server. After a failure the next one is asked; what ends the whole
/// look-up is a [`ResolveError`].
type Turn = Result<Step, Failure>;

impl<N: Network> Resolver<N> {
    /// A resolver that knows the address of a root server.
    pub fn new(
        network: N,
        root: Ipv4Addr,
        limits: Limits,
        draw_id: impl FnMut() -> u16 + 'static,
    ) -> Resolver<N> {
        Resolver {
            network,
            cache: Cache::default(),
            exchanges: Vec::new(),
            root,
            limits,
            draw_id: Box::new(draw_id),
            deadline: Duration::ZERO,
            pending: Vec::new(),
        }
    }

    /// Looks up the records of this type of a name.
    ///
    /// # Errors
    /// [`ResolveError`]. What was learned on the way is remembered all the same.
    pub fn resolve(&mut self, name: &Name, kind: Kind) -> Result<Answer, ResolveError> {
        self.exchanges.clear();
        self.deadline = self.network.now() + self.limits.deadline;
        let answer = self.look_up(name, kind);
        assert!(self.pending.is_empty(), "each look-up inside another has ended");
        answer
    }

    fn look_up(&mut self, name: &Name, kind: Kind) -> Result<Answer, ResolveError> {
        let mut question = Question { name: name.clone(), kind };
        let mut aliases: Vec<Record> = Vec::new();
        loop {
            let known = match self.cache.get(&question, self.network.now()) {
                Some(known) => known,
                None => self.walk(&question)?,
            };
            match known {
                Known::Records(records) => return Ok(Answer { aliases, records }),
                Known::NoSuchName => return Err(ResolveError::NoSuchName(question.name)),
                Known::NoData => return Err(ResolveError::NoData(question.name, kind)),
                Known::Alias(alias) => {
                    question.name = alias.target().expect("it is an alias").clone();
                    aliases.push(alias);
                }
            }
            if aliases.iter().any(|alias| alias.name == question.name) {
                return Err(ResolveError::AliasCircle(question.name));
            }
            if aliases.len() > MAX_ALIASES {
                return Err(ResolveError::TooManyAliases(question.name));
            }
        }
    }

    /// From the lowest zone that is known down to the one that has the name.
    fn walk(&mut self, question: &Question) -> Result<Known, ResolveError> {
        let known = self.cache.closest_zone(&question.name, self.network.now());
        let (mut zone, mut servers) = known.unwrap_or_else(|| self.root());
        loop {
            match self.ask_zone(&zone, &servers, question)? {
                Step::Known(known) => return Ok(known),
                Step::Down(below, its_servers) => {
                    assert!(below.is_within(&zone) && below != zone, "a referral leads down");
                    (zone, servers) = (below, its_servers);
                }
            }
        }
    }

    fn root(&self) -> (Name, Vec<Server>) {
        let name = Name::root();
        let server = Server { name: name.clone(), addresses: vec![self.root] };
        (name, vec![server])
    }

    /// Asks the servers of a zone in turn until one answers or refers down; those that failed
    /// lately, last.
    fn ask_zone(
        &mut self,
        zone: &Name,
        servers: &[Server],
        question: &Question,
    ) -> Result<Step, ResolveError> {
        let mut order: Vec<&Server> = servers.iter().collect();
        order.sort_by_key(|server| self.has_failed(server));
        let mut last = Failure::Lame(zone.clone());
        for server in order {
            let addresses = match self.addresses_of(server) {
                Ok(addresses) => addresses,
                // These end the whole look-up, and not this server's turn alone.
                Err(error) if error.is_final() => return Err(error),
                Err(error) => {
                    last = Failure::NoAddress(server.name.clone(), Box::new(error));
                    continue;
                }
            };
            for address in addresses {
                match self.ask(zone, &server.name, address, question)? {
                    Ok(step) => return Ok(step),
                    Err(failure) => last = failure,
                }
                self.cache.put_failed(address, self.network.now());
            }
        }
        Err(match last {
            // The cause, and not each of the look-ups that it ended.
            Failure::NoAddress(_, error) if error.is_circle() => *error,
            last => ResolveError::NoServer { zone: zone.clone(), last },
        })
    }

    /// Whether a server gave no answer lately, at an address that is known.
    fn has_failed(&self, server: &Server) -> bool {
        let now = self.network.now();
        let question = Question { name: server.name.clone(), kind: Kind::A };
        let looked_up = match self.cache.get(&question, now) {
            Some(Known::Records(records)) => addresses(&records),
            _ => Vec::new(),
        };
        let mut known = server.addresses.iter().chain(&looked_up);
        known.any(|address| self.cache.has_failed(*address, now))
    }

    /// The addresses of a server, those that failed lately last. Looked up if its referral came
    /// without them.
    fn addresses_of(&mut self, server: &Server) -> Result<Vec<Ipv4Addr>, ResolveError> {
        let mut addresses = match server.addresses.is_empty() {
            true => self.look_up_server(&server.name)?,
            false => server.addresses.clone(),
        };
        let now = self.network.now();
        addresses.sort_by_key(|address| self.cache.has_failed(*address, now));
        Ok(addresses)
    }

    fn look_up_server(&mut self, server: &Name) -> Result<Vec<Ipv4Addr>, ResolveError> {
        if self.pending.contains(server) {
            return Err(ResolveError::DelegationCircle(server.clone()));
        }
        if self.pending.len() >= MAX_DEPTH {
            return Err(ResolveError::TooDeep);
        }
        self.pending.push(server.clone());
        let answer = self.look_up(server, Kind::A);
        self.pending.pop();
        Ok(addresses(&answer?.records))
    }

    /// Asks one server over UDP, and over TCP where the answer is too long for that.
    fn ask(
        &mut self,
        zone: &Name,
        server: &Name,
        address: Ipv4Addr,
        question: &Question,
    ) -> Result<Turn, ResolveError> {
        for over in [Over::Udp, Over::Tcp] {
            let (answer, ignored) = self.exchange(address, question, over)?;
            let length = answer.as_ref().map_or(0, Vec::len);
            let (said, step) = match answer {
                Err(error) => (Said::Failed(error.clone()), Some(Err(error))),
                Ok(bytes) => self.read(zone, question, &bytes),
            };
            self.exchanges.push(Exchange {
                zone: zone.clone(),
                server: server.clone(),
                address,
                question: question.clone(),
                over,
                length,
                ignored,
                said,
            });
            if let Some(step) = step {
                return Ok(step);
            }
        }
        Ok(Err(Failure::NotAnAnswer))
    }

    /// One request, and the bytes that count as its answer; how many datagrams did not.
    fn exchange(
        &mut self,
        address: Ipv4Addr,
        question: &Question,
        over: Over,
    ) -> Result<(Result<Vec<u8>, Failure>, usize), ResolveError> {
        if self.exchanges.len() >= MAX_EXCHANGES {
            return Err(ResolveError::TooManyExchanges);
        }
        let remaining = self.deadline.saturating_sub(self.network.now());
        if remaining.is_zero() {
            return Err(ResolveError::TimedOut(self.limits.deadline));
        }
        let timeout = remaining.min(self.limits.per_try);
        let id = (self.draw_id)();
        let mut ignored = 0;
        let mut counted = |bytes: &[u8]| {
            let counts = is_answer(bytes, id, question);
            ignored += usize::from(!counts);
            counts
        };
        let request = question.encode(id, false);
        let answer = self.network.exchange(address, &request, over, timeout, &mut counted);
        Ok((answer.map_err(Failure::Network), ignored))
    }
}

fn addresses(records: &[Record]) -> Vec<Ipv4Addr> {
    records.iter().filter_map(Record::address).collect()
}

/// Whether these bytes count as the answer to the request with this id and question (RFC 5452,
/// section 9.1). A server that cannot read a request may return its header alone.
pub fn is_answer(bytes: &[u8], id: u16, question: &Question) -> bool {
    message::id(bytes) == Some(id)
        && message::is_response(bytes)
        && parse(bytes).is_ok_and(|packet| {
            let is_error = !matches!(packet.rcode(), RCODE::NoError | RCODE::NameError);
            question.is_that_of(&packet) || is_error && packet.questions.is_empty()
        })
}

impl ResolveError {
    /// Whether another server could not help either.
    fn is_final(&self) -> bool {
        matches!(self, ResolveError::TimedOut(_) | ResolveError::TooManyExchanges)
    }

    fn is_circle(&self) -> bool {
        matches!(self, ResolveError::DelegationCircle(_))
    }
}

/// A zone's name in a sentence.
pub fn in_words(zone: &Name) -> String {
    if *zone == Name::root() { "the root".to_owned() } else { zone.to_string() }
}
