//! The messages.

use std::fmt;

use super::layout::{Layout, RADIUS, leads_right};
use super::xml::escaped;
use trace::text::printable;
use trace::{Kind, Message, Trace};

/// The length of an arrow of which one end is not in the diagram, and how far it goes down.
const STUB: (i64, i64) = (40, 14);

/// The length of an arrow from outside, which is in the gap between two columns.
const FROM_OUTSIDE: (i64, i64) = (20, 12);

/// How far a message of a node to itself swings out.
const SWING: i64 = 20;

/// Half of the cross at the end of a message that was lost.
const CROSS: i64 = 4;

/// Draws every message: from its sending to each of its receipts, and those of which one end is
/// missing.
pub(super) fn draw(svg: &mut String, trace: &Trace, layout: &Layout) {
    for (place, event) in trace.events().iter().enumerate() {
        let (from, name) = (layout.at(trace, place), event.message().unwrap_or_default());
        match &event.kind {
            Kind::Local => {}
            Kind::Send { to, .. } => {
                let message = &trace.messages()[name];
                for &receipt in &message.received {
                    arrow(svg, name, from, layout.at(trace, receipt));
                }
                if message.received.is_empty() {
                    let is_right = leads_right(event.node, *to, trace.nodes().len());
                    unreceived(svg, name, message, from, is_right);
                }
            }
            Kind::Receive { .. } if trace.sending(place).is_none() => {
                let (x, y) = from;
                let start = (x - FROM_OUTSIDE.0, y - FROM_OUTSIDE.1);
                let end = towards(start, from);
                let line = format_args!("M{} {}L{end}", start.0, start.1);
                path(svg, "message stub", "from outside", name, line, true);
            }
            Kind::Receive { .. } => {}
        }
    }
}

/// From an event to another, which stands below it.
fn arrow(svg: &mut String, name: &str, from: (i64, i64), to: (i64, i64)) {
    let (x, y) = from;
    if x != to.0 {
        let line = format_args!("M{x} {y}L{}", towards(from, to));
        return path(svg, "message", "", name, line, true);
    }
    let (out, end) = (x - SWING, to.1);
    let edge = x - RADIUS - 1;
    let line = format_args!("M{x} {y}C{out} {y} {out} {end} {edge} {end}");
    path(svg, "message", "to itself", name, line, true);
}

/// A message that was lost, or is in flight.
fn unreceived(svg: &mut String, name: &str, message: &Message, (x, y): (i64, i64), is_right: bool) {
    let (end_x, end_y) = match is_right {
        true => (x + STUB.0, y + STUB.1),
        false => (x - STUB.0, y + STUB.1),
    };
    if !message.is_lost {
        let line = format_args!("M{x} {y}L{end_x} {end_y}");
        return path(svg, "message stub", "in flight", name, line, true);
    }
    let (left, right) = (end_x - CROSS, end_x + CROSS);
    let (top, bottom) = (end_y - CROSS, end_y + CROSS);
    let line = format_args!(
        "M{x} {y}L{end_x} {end_y}M{left} {top}L{right} {bottom}M{left} {bottom}L{right} {top}"
    );
    path(svg, "message lost", "lost", name, line, false);
}

fn path(
    svg: &mut String,
    class: &str,
    what: &str,
    name: &str,
    line: fmt::Arguments<'_>,
    has_head: bool,
) {
    let title = printable(&format!("{name} {what}"));
    let title = escaped(title.trim_end());
    let head = if has_head { " marker-end=\"url(#head)\"" } else { "" };
    super::line(
        svg,
        format_args!("<path class=\"{class}\" d=\"{line}\"{head}><title>{title}</title></path>"),
    );
}

/// The point at the edge of an event on the way to it, so that the head of an arrow is visible.
fn towards(from: (i64, i64), to: (i64, i64)) -> String {
    let (x, y) = ((to.0 - from.0) as f64, (to.1 - from.1) as f64);
    let share = (RADIUS + 1) as f64 / x.hypot(y);
    format!("{:.1} {:.1}", to.0 as f64 - x * share, to.1 as f64 - y * share)
}
