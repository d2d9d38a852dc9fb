//! The space-time diagram of a trace as SVG, in one self-contained file.
//!
//! Time runs down, each node has a column, and rows and messages stand as [`trace::layout`] says.
//! The text of an event is to the right of it. The file refers to no font, script or address
//! outside of it; the reader's system chooses between its light and its dark colours.
//!
//! What holds:
//!
//! * No two texts overlap, and no arrow touches a text or an event that is not its own, whatever
//!   their content: a text too long for its column is cut, and whole
//!   in the `title` of its event.
//! * Nothing of a trace becomes markup, and what XML 1.0 forbids is replaced.
//! * What a colour or a dash shows of a message is also shown in words.
//! * The same trace gives the same bytes.
//!
//! Left out: pages. Five hundred events are some 14,000 units high, and the names of the nodes are
//! repeated on the way.
//!
//! The source of the format: W3C, Scalable Vector Graphics 2, 2018.

mod arrows;
mod layout;
mod xml;

use std::fmt::Write;

use layout::{Layout, RADIUS, Words};
use trace::text::{deed, printable, stamp};
use trace::{Event, Trace};
use xml::escaped;

/// The light colours first; the dark ones are in rules of their own.
const STYLE: &str = "\
text{font:12px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1f2328;\
paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}
.page{fill:#fff}
.node{font-weight:bold}
.stamp{fill:#0a6b62}
.note{fill:#a3262b;font-style:italic}
.life{stroke:#c3cad2}
.event{fill:#1f2328}
.message{stroke:#0b62c4;stroke-width:1.5;stroke-linejoin:round;fill:none}
.head{fill:#0b62c4}
.stub{stroke-dasharray:4 3}
.lost{stroke:#a3262b}
@media(prefers-color-scheme:dark){
text{fill:#e6edf3;stroke:#0d1117}
.page{fill:#0d1117}
.stamp{fill:#5fd0c1}
.note{fill:#ff938a}
.life{stroke:#3d444d}
.event{fill:#e6edf3}
.message{stroke:#6cb0ff}
.head{fill:#6cb0ff}
.lost{stroke:#ff938a}
}
";

/// The space-time diagram of a trace as self-contained SVG: text that can be selected, light or
/// dark as the reader's system is. A text that is cut, such as a long label, is whole in the
/// `title` of its event.
///
/// ```
/// use trace::{Event, Trace};
///
/// let mut trace = Trace::new(["n0", "n1"]);
/// trace.push(Event::send(0, 1, "m1").lamport(1).label("<send>"))?;
/// let svg = views::svg(&trace);
/// assert!(svg.starts_with("<svg ") && svg.contains("&lt;send&gt;"));
/// # Ok::<(), trace::Contradiction>(())
/// ```
pub fn svg(trace: &Trace) -> String {
    let layout = Layout::of(trace);
    let mut svg = String::new();
    open(&mut svg, trace, &layout);
    for column in &layout.columns {
        let (x, top, bottom) = (column.x, layout.first_y(), layout.height - layout::MARGIN);
        line(&mut svg, format_args!("<path class=\"life\" d=\"M{x} {top}V{bottom}\"/>"));
    }
    arrows::draw(&mut svg, trace, &layout);
    for &y in &layout.names_at {
        for column in &layout.columns {
            let words = &column.name;
            text(&mut svg, "node", column.x - RADIUS, y, words);
        }
    }
    for (place, event) in trace.events().iter().enumerate() {
        draw_event(&mut svg, trace, &layout, place, event);
    }
    svg + "</svg>\n"
}

/// The size, description and style of the diagram.
fn open(svg: &mut String, trace: &Trace, layout: &Layout) {
    let (width, height) = (layout.width, layout.height);
    line(
        svg,
        format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"title desc\">"
        ),
    );
    let names: Vec<_> = trace.nodes().iter().map(|name| printable(name)).collect();
    let title = format!("A run of {}", names.join(", "));
    let (events, messages) = (trace.events().len(), trace.messages().len());
    line(svg, format_args!("<title id=\"title\">{}</title>", escaped(&title)));
    line(
        svg,
        format_args!(
            "<desc id=\"desc\">Time runs down, a column for each node, an arrow for each message. \
             Events: {events}. Messages: {messages}.</desc>"
        ),
    );
    line(svg, format_args!("<style>\n{STYLE}</style>"));
    line(
        svg,
        format_args!(
            "<defs><marker id=\"head\" viewBox=\"0 0 10 10\" refX=\"10\" refY=\"5\" \
             markerUnits=\"userSpaceOnUse\" markerWidth=\"9\" markerHeight=\"9\" \
             orient=\"auto\"><path class=\"head\" d=\"M0 1L10 5L0 9z\"/></marker></defs>"
        ),
    );
    line(svg, format_args!("<rect class=\"page\" width=\"{width}\" height=\"{height}\"/>"));
}

fn draw_event(svg: &mut String, trace: &Trace, layout: &Layout, place: usize, event: &Event) {
    let at = &layout.events[place];
    let (x, y) = (at.x, at.y);
    line(svg, format_args!("<g><title>{}</title>", escaped(&describe(trace, event))));
    line(svg, format_args!("<circle class=\"event\" cx=\"{x}\" cy=\"{y}\" r=\"{RADIUS}\"/>"));
    if at.words.width > 0 {
        text(svg, "", x + layout::TEXT_X, at.baseline(), &at.words);
    }
    line(svg, format_args!("</g>"));
}

/// The description of an event, uncut.
fn describe(trace: &Trace, event: &Event) -> String {
    let time = event.time.map(|time| format!("at {time} ms by its clock"));
    let label = event.label.clone();
    let parts = [stamp(event), label, deed(trace, event), time.unwrap_or_default()];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let node = &trace.nodes()[event.node];
    printable(&format!("{node}: {}", parts.join(", ")))
}

/// Words at a place. If a font may be wider than assumed, they are made to fit.
fn text(svg: &mut String, class: &str, x: i64, y: i64, words: &Words) {
    let fit = match words.is_plain {
        true => String::new(),
        false => format!(" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\"", words.width),
    };
    let class = match class {
        "" => String::new(),
        class => format!(" class=\"{class}\""),
    };
    let parts: Vec<_> = words.parts.iter().map(part).collect();
    let parts = parts.join(" ");
    line(svg, format_args!("<text{class} x=\"{x}\" y=\"{y}\"{fit}>{parts}</text>"));
}

fn part((class, words): &(&str, String)) -> String {
    match *class {
        "" => escaped(words),
        class => format!("<tspan class=\"{class}\">{}</tspan>", escaped(words)),
    }
}

fn line(svg: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(svg, "{text}").expect("writing to a string does not fail");
}
