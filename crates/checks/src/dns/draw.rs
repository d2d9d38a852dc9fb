//! How a case looks: its tree, and the questions with their replies up to the first wrong step.

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::{io, iter};

use super::world::{Case, EVIL, Is, Zone};
use super::{Body, Data, Dns, Record, Reply, Step};
use crate::exercise::{Attempt, draw_end};
use crate::{Screen, plural, short};

/// The look-ups that are shown: that of the wrong step, and those before it.
const SHOWN: usize = 3;

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

/// The zones with their servers, and what is asked for.
pub(super) fn describe(case: &Case) -> Vec<(&'static str, String)> {
    let zones = (0..case.zones.len()).map(|zone| zone_words(case, zone));
    let names = named(case).into_iter().map(|name| format!("{name}: {}", name_words(case, name)));
    let labels = |first| iter::once(first).chain(iter::repeat(""));
    labels("zones").zip(zones).chain(labels("names").zip(names)).collect()
}

pub(super) fn draw(
    case: &Case,
    want: &[Step],
    seen: Option<&Attempt<Dns>>,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    screen.all_labelled(&describe(case))?;
    screen.line("")?;
    let got = seen.map_or(want, |seen| &seen.observation.steps);
    let wrong = first_wrong(want, got);
    let shown = wrong.unwrap_or(want.len());
    let right = Place::of(want, shown.min(want.len() - 1)).number.saturating_sub(SHOWN);
    if right > 0 {
        screen.row("", &format!("{} right", plural(right, "look-up")), "")?;
    }
    for (at, step) in want.iter().enumerate().take(shown + 1) {
        let place = Place::of(want, at);
        if place.number <= right {
            continue;
        }
        let (_, looked_up) = case.look_ups[place.number - 1];
        if place.last.is_none() {
            let what = format!("{looked_up} at second {}", case.time(place.number));
            screen.row(&place.number.to_string(), "look up", &what)?;
        }
        match step {
            _ if at == shown => {}
            Step::Ask(server, name) => {
                let of = if name == looked_up { String::new() } else { format!("for {name}: ") };
                let reply = case.reply(*server, 0, name, place.number);
                let says = reply.map_or("no reply".to_owned(), |reply| words(name, &reply));
                screen.row("", &format!("ask {server}"), &(of + &says))?;
            }
            Step::Return(result) => screen.row("", "return", &format!("{result:?}"))?,
        }
    }
    let Some(wrong) = wrong else { return Ok(()) };
    draw_end(&want[wrong].words(), got.get(wrong).map(Step::words), seen, "step", screen)
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

fn zone_words(case: &Case, zone: usize) -> String {
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
fn named(case: &Case) -> Vec<&'static str> {
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

fn name_words(case: &Case, name: &str) -> String {
    let (is, ttl) = case.name(name);
    changing(is.map(|is| match is {
        Is::Missing => format!("no such name, TTL {}", case.negative),
        Is::Alias(target) => format!("an alias of {target}, TTL {ttl}"),
        Is::Address([a, b, c]) => format!("{a}.{b}.{c}.n in look-up n, TTL {ttl}"),
    }))
}

/// What is so in the first look-up, and later.
fn changing([first, later]: [String; 2]) -> String {
    if first == later { first } else { format!("{first}, then {later}") }
}

/// A reply to a question with the id 0 for this name.
fn words(asked: &str, Reply { id, name, body }: &Reply) -> String {
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
