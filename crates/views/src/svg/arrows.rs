//! The messages.

use super::layout::{Layout, Placed, leads_right};
use super::xml::escaped;
use trace::text::printable;
use trace::{Kind, Trace};

/// The length of an arrow of which one end is not in the diagram.
const STUB: i64 = 24;

/// Half of the cross at the end of a message that was lost.
const CROSS: i64 = 4;

/// Draws every message: from its sending to each of its receipts, and those of which one end is
/// missing.
pub(super) fn draw(svg: &mut String, trace: &Trace, layout: &Layout) {
    let name = |place: usize| trace.events()[place].message().unwrap_or_default();
    for arrow in &layout.arrows {
        let (from, to) = (&layout.events[arrow.send], &layout.events[arrow.receive]);
        let what = if from.x == to.x { "to itself" } else { "" };
        let start = if from.x < to.x { from.right() } else { from.left() };
        let end = if to.x < from.x { to.right() } else { to.left() };
        let way = match arrow.track {
            None => format!("M{start} {}H{end}", from.y),
            Some(track) => {
                format!("M{start} {}H{}V{}H{end}", from.y, layout.track_x(track), to.y)
            }
        };
        path(svg, "message", what, name(arrow.send), &way, true);
    }
    for (place, event) in trace.events().iter().enumerate() {
        let at = &layout.events[place];
        match &event.kind {
            Kind::Send { message: name, to } if trace.messages()[name].received.is_empty() => {
                let is_right = leads_right(event.node, *to, trace.nodes().len());
                unreceived(svg, name, trace.messages()[name].is_lost, at, is_right);
            }
            Kind::Receive { message: name } if trace.sending(place).is_none() => {
                let way = format!("M{} {}H{}", at.left() - STUB, at.y, at.left());
                path(svg, "message stub", "from outside", name, &way, true);
            }
            _ => {}
        }
    }
}

/// A message that was lost, or is in flight.
fn unreceived(svg: &mut String, name: &str, is_lost: bool, at: &Placed, is_right: bool) {
    let (start, y) = (if is_right { at.right() } else { at.left() }, at.y);
    let end = if is_right { start + STUB } else { start - STUB };
    let way = format!("M{start} {y}H{end}");
    if !is_lost {
        return path(svg, "message stub", "in flight", name, &way, true);
    }
    let [left, right, top, bottom] = [end - CROSS, end + CROSS, y - CROSS, y + CROSS];
    let cross = format!("M{left} {top}L{right} {bottom}M{left} {bottom}L{right} {top}");
    path(svg, "message lost", "lost", name, &format!("{way}{cross}"), false);
}

fn path(svg: &mut String, class: &str, what: &str, name: &str, way: &str, has_head: bool) {
    let title = printable(&format!("{name} {what}"));
    let title = escaped(title.trim_end());
    let head = if has_head { " marker-end=\"url(#head)\"" } else { "" };
    super::line(
        svg,
        format_args!("<path class=\"{class}\" d=\"{way}\"{head}><title>{title}</title></path>"),
    );
}
