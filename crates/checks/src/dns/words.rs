//! A case in words: zones, names, steps and replies. And where a step stands.

use std::collections::VecDeque;
use std::net::Ipv4Addr;

use super::world::{Case, EVIL, Is, Zone};
use super::{Body, Data, Record, Reply, Step};
use crate::short;

/// The first of the right steps that did not come.
pub(super) fn first_wrong(want: &[Step], got: &[Step]) -> Option<usize> {
    (0..want.len()).find(|&at| got.get(at) != Some(&want[at]))
}

/// Where a step stands.
pub(super) struct Place<'a> {
    /// Its look-up, counted from 1.
    pub(super) number: usize,
    /// The question before it, in the same look-up.
    pub(super) last: Option<(Ipv4Addr, &'a str)>,
}

impl Place<'_> {
    pub(super) fn of(steps: &[Step], at: usize) -> Place<'_> {
        let returned = steps[..at].iter().filter(|step| matches!(step, Step::Return(_))).count();
        let last = match steps[..at].last() {
            Some(Step::Ask(server, name)) => Some((*server, &name[..])),
            Some(Step::Return(_)) | None => None,
        };
        Place { number: returned + 1, last }
    }
}

impl Step {
    pub(super) fn words(&self) -> String {
        match self {
            Step::Ask(server, name) if name.len() < 40 && name.bytes().all(|it| it > b' ') => {
                format!("ask {server} for {name}")
            }
            Step::Ask(server, name) => format!("ask {server} for {}", short(name, 4)),
            Step::Return(result) => format!("return {result:?}"),
        }
    }
}

/// A zone and its servers.
pub(super) fn zone(case: &Case, zone: usize) -> String {
    let Zone { name, servers, ttl } = &case.zones[zone];
    let servers = case.servers(zone).into_iter().zip(servers).map(|(server, conducts)| {
        format!("{server} {}", changing(conducts.map(|conduct| conduct.words().to_owned())))
    });
    let servers = servers.collect::<Vec<_>>().join(", ");
    match zone {
        0 => format!("the root: {servers}"),
        _ => format!("{name}: {servers}; TTL {ttl}"),
    }
}

/// The names that are looked up and the targets of their aliases, as far as there is room.
pub(super) fn named(case: &Case) -> Vec<&'static str> {
    const MOST: usize = 6;
    let mut next: VecDeque<&'static str> = case.look_ups.iter().map(|(_, name)| *name).collect();
    let mut names = Vec::new();
    while names.len() < MOST
        && let Some(name) = next.pop_front()
    {
        if !names.contains(&name) {
            names.push(name);
            next.extend(case.name(name).0.iter().filter_map(|is| match is {
                Is::Alias(target) => Some(*target),
                Is::Missing | Is::Address(_) => None,
            }));
        }
    }
    names
}

/// A name, and what it is.
pub(super) fn name(case: &Case, name: &str) -> String {
    let (is, ttl) = case.name(name);
    let is = changing(is.map(|is| match is {
        Is::Missing => format!("no such name, TTL {}", case.negative),
        Is::Alias(target) => format!("an alias of {target}, TTL {ttl}"),
        Is::Address([a, b, c]) => format!("{a}.{b}.{c}.n in look-up n, TTL {ttl}"),
    }));
    format!("{name}: {is}")
}

/// What is so in the first look-up, and later.
fn changing([first, later]: [String; 2]) -> String {
    if first == later { first } else { format!("{first}, then {later}") }
}

/// A reply to a question with the id 0 for this name.
pub(super) fn reply(asked: &str, Reply { id, name, body }: &Reply) -> String {
    const MOST: usize = 3;
    let to = match () {
        () if *id != 0 => "with a wrong id: ".to_owned(),
        () if name != asked => format!("to {name}: "),
        () => String::new(),
    };
    to + &match body {
        Body::Failure => "Failure".to_owned(),
        Body::NoSuchName { ttl } => format!("NoSuchName, TTL {ttl}"),
        Body::Referral { zone, servers, ttl } => {
            let zone = if zone.is_empty() { "the root" } else { zone };
            let at = if servers.contains(&EVIL) { format!(" at {EVIL}") } else { String::new() };
            format!("referral to {zone}{at}, TTL {ttl}")
        }
        Body::Answer(records) => {
            let record = |Record { name, data, ttl }: &Record| match data {
                Data::Address(address) => format!("{name} is {address}, TTL {ttl}"),
                Data::Alias(target) => format!("{name} is an alias of {target}, TTL {ttl}"),
            };
            let more = (records.len() > MOST).then(|| format!("{} more", records.len() - MOST));
            let words = records.iter().take(MOST).map(record).chain(more);
            words.collect::<Vec<_>>().join("; ")
        }
    }
}
