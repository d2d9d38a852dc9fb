//! Look-ups over real sockets, and how they can be shown.

use std::time::Duration;

use common::random::Rng;
use common::transport::TransportError;
use narration::printable;
use trace::{Contradiction, Event, Trace};

use crate::cache::{Known, Server};
use crate::message::Over;
use crate::name::Name;
use crate::network::Sockets;
use crate::record::Kind;
use crate::resolver::{Answer, Exchange, Limits, ResolveError, Resolver, Said, in_words};
use crate::tree::Tree;

/// The name that the lesson looks up.
pub const WEB: &str = "web.example.com";

/// How long the experiments wait on real sockets for what is certain to come.
pub const EXPERIMENT_LIMITS: Limits =
    Limits { per_try: Duration::from_secs(20), deadline: Duration::from_secs(60) };

/// The node that asks.
const RESOLVER: &str = "resolver";

/// A look-up and its requests.
#[derive(Clone, Debug)]
pub struct Walk {
    /// What it came to.
    pub answer: Result<Answer, ResolveError>,
    /// The requests, in their order.
    pub exchanges: Vec<Exchange>,
}

/// Looks a name up in the lesson's tree, whose servers run on real sockets meanwhile.
///
/// # Errors
/// If the servers cannot be started.
pub fn walk(name: &Name, kind: Kind) -> Result<Walk, TransportError> {
    let tree = Tree::of_the_lesson();
    let (_servers, places) = tree.start_anywhere(tree.root, &Default::default())?;
    let ids = draw_ids(1);
    let mut resolver = Resolver::new(Sockets::new(places), tree.root, EXPERIMENT_LIMITS, ids);
    let answer = resolver.resolve(name, kind);
    Ok(Walk { answer, exchanges: resolver.exchanges })
}

/// Ids that are the same in each run. In earnest the system draws them.
pub fn draw_ids(seed: u64) -> impl FnMut() -> u16 {
    let mut rng = Rng::from_seed(seed);
    move || rng.below(1 << 16) as u16
}

/// The requests as text: who was asked for what, and behind an arrow what came of it.
pub fn lines(exchanges: &[Exchange]) -> Vec<String> {
    exchanges.iter().flat_map(lines_of).collect()
}

fn lines_of(exchange: &Exchange) -> Vec<String> {
    let Exchange { address, zone, question, .. } = exchange;
    let over = if exchange.over == Over::Tcp { " over TCP" } else { "" };
    let asked =
        format!("{address} ({}): {} {}?{over}", in_words(zone), question.name, question.kind);
    let ignored = (exchange.ignored > 0)
        .then(|| format!("→ datagrams that were not its answer: {}", exchange.ignored));
    let said = match &exchange.said {
        Said::Referral(zone, servers) => servers
            .iter()
            .map(|server| format!("→ {zone} is served by {}", in_full(server)))
            .collect(),
        other => vec![format!("→ {}", said(other))],
    };
    [vec![asked], ignored.into_iter().collect(), said].concat()
}

fn in_full(server: &Server) -> String {
    let addresses: Vec<_> = server.addresses.iter().map(ToString::to_string).collect();
    match addresses.is_empty() {
        true => format!("{}, without its address", server.name),
        false => format!("{}, {}", server.name, addresses.join(", ")),
    }
}

/// What a server said, in words.
pub fn said(said: &Said) -> String {
    match said {
        Said::Known(Known::Records(records)) => match &records[..] {
            [record] => {
                let data = record.data.to_string();
                format!("{}, for {} s", printable(data.as_bytes()), record.ttl)
            }
            records => format!("{} records", records.len()),
        },
        Said::Known(Known::Alias(alias)) => format!("an alias of {}", alias.data),
        Said::Known(Known::NoSuchName) => "no such name".to_owned(),
        Said::Known(Known::NoData) => "the name exists, without such a record".to_owned(),
        Said::Referral(zone, _) => format!("ask the servers of {zone}"),
        Said::Truncated => "truncated: too long for a datagram".to_owned(),
        Said::Failed(failure) => failure.to_string(),
    }
}

/// The look-up as a diagram: the resolver, and each server that it asked.
///
/// # Errors
/// Never: its events fit together.
pub fn diagram(exchanges: &[Exchange]) -> Result<Trace, Contradiction> {
    let mut nodes = vec![RESOLVER.to_owned()];
    let places: Vec<usize> = exchanges
        .iter()
        .map(|exchange| {
            let node = node(exchange);
            nodes.iter().position(|other| *other == node).unwrap_or_else(|| {
                nodes.push(node);
                nodes.len() - 1
            })
        })
        .collect();
    let mut trace = Trace::new(nodes);
    for (number, (exchange, server)) in exchanges.iter().zip(places).enumerate() {
        let (asked, answered) = (format!("q{number}"), format!("a{number}"));
        let over = if exchange.over == Over::Tcp { " (TCP)" } else { "" };
        let question = format!("{}?{over}", exchange.question.name);
        trace.push(Event::send(0, server, &asked).label(question))?;
        let comes = !matches!(exchange.said, Said::Failed(_));
        trace.push(Event::receive(server, asked))?;
        if comes {
            trace.push(Event::send(server, 0, &answered).label(short(&exchange.said)))?;
            trace.push(Event::receive(0, answered))?;
        } else {
            trace.push(Event::local(0).label(short(&exchange.said)))?;
        }
    }
    Ok(trace.with_short_names())
}

/// A server by its name; that of the root has none that the resolver knows.
fn node(exchange: &Exchange) -> String {
    if exchange.server == Name::root() { "root".to_owned() } else { exchange.server.to_string() }
}

/// What stands beside an arrow.
fn short(said: &Said) -> String {
    match said {
        Said::Known(Known::Records(records)) => match &records[..] {
            [record] => record.data.to_string(),
            records => format!("{} records", records.len()),
        },
        Said::Known(Known::Alias(alias)) => format!("→ {}", alias.data),
        Said::Known(Known::NoSuchName) => "no such name".to_owned(),
        Said::Known(Known::NoData) => "no such record".to_owned(),
        Said::Referral(zone, _) => format!("ask {zone}"),
        Said::Truncated => "too long".to_owned(),
        Said::Failed(_) => "no answer".to_owned(),
    }
}
