//! The same as a list, where the screen is too narrow for columns.

use super::shown;
use crate::text::stamp;
use crate::{Kind, Trace};

/// A line for each event: the node, its stamp, its label, and what it does with messages.
pub(super) fn draw(trace: &Trace) -> String {
    let mut list = String::new();
    for event in trace.events() {
        let name = |node: usize| shown(&trace.nodes()[node]);
        let message = match &event.kind {
            Kind::Local => String::new(),
            Kind::Send { message, to } => {
                let to = to.map_or(String::new(), |to| format!(" to {}", name(to)));
                let is_lost =
                    trace.messages[message].is_lost && trace.messages[message].received.is_empty();
                let lost = if is_lost { ", lost" } else { "" };
                format!("sends {}{to}{lost}", shown(message))
            }
            Kind::Receive { message } => format!("receives {}", shown(message)),
        };
        let parts = [name(event.node), stamp(event), shown(&event.label), message];
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        list += &format!("{}\n", parts.join("  "));
    }
    list
}
