//! What is wrong with the first wrong step, and what helps: said of this step alone.

use super::words::{Place, first_wrong};
use super::world::{Case, Conduct, EVIL};
use super::{Body, ResolveError, Step, right};
use crate::exercise::Rule;

const EXPIRED: Rule = Rule::new(
    "What came with a TTL of `t` at second `s` is used before second `s + t`. From then on it is \
     as if it had never been heard.",
    "Cache `now + ttl` with each name and each zone, as u64, and use it only where `now` is less. \
     See \"A cache\".",
);

const ZONE: Rule = Rule::new(
    "A server is believed within the zone that it was asked for: a record whose name lies outside \
     is not used, for the server may say anything there.",
    "Cache a record only where its name lies in the zone whose servers you ask: it is the zone, or \
     it ends with a dot and the zone. See \"What may be believed\".",
);

/// The rule that `got` breaks, which may end too early.
pub(super) fn broken(case: &Case, got: &[Step]) -> Rule {
    let want = right::steps(case);
    // Where none is wrong, the last.
    let at = first_wrong(&want, got).unwrap_or(want.len() - 1);
    let (place, want, got) = (Place::of(&want, at), &want[at], got.get(at));
    let too_many = Step::Return(Err(ResolveError::TooManyAliases));
    if *want == too_many || got == Some(&too_many) {
        return Rule::new(
            "A look-up follows up to MAX_ALIASES aliases, from the cache or not, and one more is \
             TooManyAliases. So it ends where aliases lead in a circle.",
            "Look up a name and its targets in `for _ in 0..=MAX_ALIASES`: that is one name more \
             than aliases. After the loop it is TooManyAliases. See \"Aliases\".",
        );
    }
    let Some((server, name)) = place.last else { return before_a_reply(case, &place, want, got) };
    match case.server(server, place.number) {
        Some((_, conduct)) if !conduct.is_usable() => not_usable(conduct, want, got),
        _ if got == Some(&Step::Return(Ok(EVIL))) => ZONE,
        _ => {
            let asks_for_other = matches!(got, Some(Step::Ask(_, other)) if other != name);
            let reply = case.reply(server, 0, name, place.number).map(|reply| reply.body);
            usable(reply, want, asks_for_other)
        }
    }
}

/// After a reply that is not usable.
fn not_usable(conduct: Conduct, want: &Step, got: Option<&Step>) -> Rule {
    use Conduct::*;
    let gave_up = got == Some(&Step::Return(Err(ResolveError::NoAnswer)));
    match (conduct, want) {
        (WrongId | WrongName | Beside, _) if !gave_up => Rule::new(
            "A reply counts only if it is to the question: it has the id and the name, and an \
             answer has a record of that name. Any other is as if it had not come.",
            "Get an id with `next_id` before each question, and compare `reply.id` and \
             `reply.name` with what you asked. See \"What may be believed\".",
        ),
        (Up | Itself | Elsewhere | LookAlike, _) if !gave_up => Rule::new(
            "A referral leads further down towards the name: its zone lies in that of the server, \
             is not the same, and the name lies in it. Any other is as if it had not come.",
            "Compare whole labels: a name lies in a zone if they are the same, if the zone is the \
             root, or if it ends with a dot and the zone. See \"What may be believed\".",
        ),
        (_, Step::Ask(..)) => Rule::new(
            "A zone has several servers so that one may fail. Silence, a Failure and any other \
             reply that is not usable leave the question open: the next server is asked.",
            "Go over the servers of the zone in their order, and leave the loop only with a usable \
             reply. See \"Second servers\".",
        ),
        _ => Rule::new(
            "Once each server of the zone was asked and none gave a usable reply, the result is \
             NoAnswer. That says nothing about the name, and no other server is asked.",
            "After the loop over the servers return `Err(ResolveError::NoAnswer)`: without a \
             second round, and not with NoSuchName. See \"Second servers\".",
        ),
    }
}

/// After a usable reply. A solution may then ask for another name than before.
fn usable(reply: Option<Body>, want: &Step, asks_for_other: bool) -> Rule {
    match (reply, want) {
        (Some(Body::Referral { .. }), _) => Rule::new(
            "A referral says whom to ask next: the servers of its zone, in their order, for the \
             same name.",
            "Replace the zone and the servers by those of the referral, and go on in the loop. See \
             \"The walk\".",
        ),
        (Some(Body::NoSuchName { .. }), _) => Rule::new(
            "NoSuchName is an answer, and not a failure: the name does not exist, and no other \
             server is asked.",
            "Where the body is NoSuchName, cache it and return `Err(ResolveError::NoSuchName)`. \
             See \"The walk\".",
        ),
        (Some(Body::Answer(_)), Step::Return(Ok(_))) if !asks_for_other => Rule::new(
            "The result is the address in the record of the name, or of the last target. A newer \
             reply replaces what was cached, for the name and for every record in the zone.",
            "Insert each record of the zone into the cache, over an older one, and return the \
             address of the one that was asked for. See \"The walk\".",
        ),
        _ => Rule::new(
            "The target of an alias is looked up like any name: in the cache, where the records of \
             the answer now are, then from the deepest known zone that the target lies in.",
            "Cache every record of the zone. Then call what looks up one name again, with the \
             target, from its beginning: the servers that sent the alias may not know it. See \
             \"Aliases\".",
        ),
    }
}

/// Before any reply of the look-up.
fn before_a_reply(case: &Case, place: &Place<'_>, want: &Step, got: Option<&Step>) -> Rule {
    let is_later = place.number > 1;
    let zone = |server| case.server(server, place.number).map(|(zone, _)| zone);
    match (want, got) {
        (_, Some(Step::Return(Ok(EVIL)) | Step::Ask(EVIL, _))) => ZONE,
        (Step::Return(_), _) => Rule::new(
            "What is cached is used as it is until second `s + t`, and no server is asked: each \
             record in the zone of its server, an alias too, and that a name does not exist.",
            "Cache every record of the answer under its own name, with its own end, and a `None` \
             for NoSuchName. Look there first, for the name and for each target. See \"A cache\".",
        ),
        (Step::Ask(..), Some(Step::Return(Err(ResolveError::NoAnswer)))) => Rule::new(
            "That no server answered is not cached: it says nothing about the name, and by the \
             next look-up one may be up again.",
            "Return `Err(ResolveError::NoAnswer)` without an entry in the cache. See \"Second \
             servers\".",
        ),
        (Step::Ask(..), Some(Step::Return(_))) if is_later => EXPIRED,
        (Step::Ask(right, _), Some(Step::Ask(server, _)))
            if is_later && zone(*right) < zone(*server) =>
        {
            EXPIRED
        }
        _ => Rule::new(
            "What is not in the cache is asked for, beginning with the first server of the deepest \
             zone in the cache that the name lies in, or of the root where there is none.",
            "Cache the zone and the servers of each referral. For a name try the zone of the whole \
             name, then without its first label, and so on. See \"The walk\".",
        ),
    }
}
