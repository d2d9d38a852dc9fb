//! What is right: by what the servers are, not by what they reply, and by a list of all that was
//! ever heard, which only grows.

use std::net::Ipv4Addr;

use super::world::Case;
use super::{Data, MAX_ALIASES, Record, ResolveError, Step};

/// What a resolver has heard, the newest last: of a zone or of a name, and until when that holds.
struct Heard<'a> {
    case: &'a Case,
    zones: Vec<(usize, u64)>,
    names: Vec<(String, Option<Data>, u64)>,
    steps: Vec<Step>,
}

/// All right steps of a case.
pub(super) fn steps(case: &Case) -> Vec<Step> {
    let mut heard = Heard { case, zones: Vec::new(), names: Vec::new(), steps: Vec::new() };
    for number in 1..=case.look_ups.len() {
        let result = heard.look_up(number);
        heard.steps.push(Step::Return(result));
    }
    heard.steps
}

impl Heard<'_> {
    fn look_up(&mut self, number: usize) -> Result<Ipv4Addr, ResolveError> {
        let mut name = self.case.look_ups[number - 1].1.to_owned();
        let mut aliases = 0;
        loop {
            let now = self.case.time(number);
            let newest = self.names.iter().rev().find(|(heard, ..)| *heard == name);
            let data = match newest.filter(|(_, _, end)| now < *end) {
                Some((_, data, _)) => data.clone(),
                None => self.walk(number, &name)?,
            };
            match data.ok_or(ResolveError::NoSuchName)? {
                Data::Address(address) => return Ok(address),
                Data::Alias(_) if aliases == MAX_ALIASES => {
                    return Err(ResolveError::TooManyAliases);
                }
                Data::Alias(target) => (name, aliases) = (target, aliases + 1),
            }
        }
    }

    /// Down the tree, from the deepest zone that is known.
    fn walk(&mut self, number: usize, name: &str) -> Result<Option<Data>, ResolveError> {
        let (case, now) = (self.case, self.case.time(number));
        let path: Vec<usize> = case.path(name).collect();
        let is_known = |zone: &usize| self.zones.iter().any(|(it, end)| it == zone && now < *end);
        let first = path.iter().rposition(is_known).unwrap_or(0);
        for (place, &zone) in path.iter().enumerate().skip(first) {
            if place > first {
                self.zones.push((zone, now + case.zones[zone].ttl));
            }
            let servers = case.servers(zone);
            let is_usable = |server| case.server(server, number).is_some_and(|it| it.1.is_usable());
            let usable = servers.iter().position(|&server| is_usable(server));
            let asked = usable.map_or(servers.len(), |usable| usable + 1);
            let ask = |&server| Step::Ask(server, name.to_owned());
            self.steps.extend(servers[..asked].iter().map(ask));
            usable.ok_or(ResolveError::NoAnswer)?;
        }
        for Record { name, data, ttl } in case.answer(name, number) {
            self.names.push((name, Some(data), now + ttl));
        }
        let (data, ttl) = case.truth(name, number);
        self.names.push((name.to_owned(), data.clone(), now + ttl));
        Ok(data)
    }
}
