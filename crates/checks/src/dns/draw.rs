//! How a case looks: its tree, and the questions with their replies up to the first wrong step.

use std::net::Ipv4Addr;
use std::{io, iter};

use super::world::{Case, Conduct, EVIL, Is, Zone};
use super::{Body, Data, Dns, Record, Reply, Step};
use crate::exercise::{Attempt, draw_end};
use crate::{Screen, plural, short};

/// The most steps that are shown before a wrong one, unless its own look-up has more.
const SHOWN: usize = 12;

/// Where a step stands.
pub(super) struct Place<'a> {
    pub(super) at: usize,
    /// Its look-up, counted from 1.
    pub(super) number: usize,
    /// The question before it, in the same look-up.
    pub(super) last: Option<(Ipv4Addr, &'a str)>,
}

impl Place<'_> {
    /// Whether it is the first of its look-up.
    fn begins(&self) -> bool {
        self.last.is_none()
    }

    pub(super) fn of<'a>(steps: &'a [Step], at: usize) -> Place<'a> {
        let returned = steps[..at].iter().filter(|step| matches!(step, Step::Return(_))).count();
        let last = match steps[..at].last() {
            Some(Step::Ask(server, name)) => Some((*server, &name[..])),
            Some(Step::Return(_)) | None => None,
        };
        Place { at, number: returned + 1, last }
    }

    /// Where there is none, at the last step.
    pub(super) fn of_first_wrong<'a>(want: &'a [Step], got: &[Step]) -> Place<'a> {
        let wrong = (0..want.len()).find(|&at| got.get(at) != Some(&want[at]));
        Place::of(want, wrong.unwrap_or(want.len() - 1))
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
    let end = (0..want.len()).find(|&at| got.get(at) != Some(&want[at]));
    let shown = end.unwrap_or(want.len());
    // The look-ups that fit, and that of the wrong step as a whole.
    let mut begins = (0..=shown.min(want.len() - 1)).filter(|&at| Place::of(want, at).begins());
    let first = begins.clone().find(|at| shown - at <= SHOWN).or(begins.next_back()).unwrap_or(0);
    if first > 0 {
        let right = plural(Place::of(want, first).number - 1, "look-up");
        screen.row("", &format!("{right} right"), "")?;
    }
    for (at, step) in want.iter().enumerate().take(shown + 1).skip(first) {
        let place = Place::of(want, at);
        let (_, looked_up) = case.look_ups[place.number - 1];
        if place.begins() {
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
    let Some(wrong) = end else { return Ok(()) };
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
    let servers = case.servers(zone).into_iter().zip(servers);
    let servers = servers.map(|(server, conduct)| match conduct.map(Conduct::words) {
        [first, later] if first != later => format!("{server} {first}, then {later}"),
        [first, _] => format!("{server} {first}"),
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
    let mut names: Vec<&'static str> = case.look_ups.iter().map(|(_, name)| *name).collect();
    for at in 0..MOST {
        let of = names.get(at).and_then(|name| case.names.iter().find(|it| it.0 == *name));
        names.extend(of.iter().flat_map(|(_, is, _)| is).filter_map(|is| match is {
            Is::Alias(target) => Some(*target),
            Is::Missing | Is::Address(_) => None,
        }));
        names = (0..names.len())
            .filter(|&at| !names[..at].contains(&names[at]))
            .map(|at| names[at])
            .collect();
    }
    names.truncate(MOST);
    names
}

fn name_words(case: &Case, name: &str) -> String {
    let missing = format!("no such name, TTL {}", case.negative);
    let Some((_, is, ttl)) = case.names.iter().find(|(other, ..)| *other == name) else {
        return missing;
    };
    match is.map(|is| match is {
        Is::Missing => missing.clone(),
        Is::Alias(target) => format!("an alias of {target}, TTL {ttl}"),
        Is::Address([a, b, c]) => format!("{a}.{b}.{c}.n in look-up n, TTL {ttl}"),
    }) {
        [first, later] if first != later => format!("first {first}; then {later}"),
        [first, _] => first,
    }
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
