//! Draws the light and the layers as the page shows them.
//!
//! `cargo run -p signals --example signals-plots -- FOLDER` writes `light.svg` and `layers.svg`
//! there.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use plots::plotters::prelude::*;
use plots::{Area, FIRST, SECOND, figure, text};
use signals::lamp::{Pulses, SLOT, Watcher};
use signals::layers::{Layers, REQUEST};
use signals::letters::letters;

/// How wide a slot is drawn, and how high a lit one stands above a dark one.
const SIZE: (i32, i32) = (21, 40);

/// Where the light begins.
const LEFT: i32 = 14;

/// The first three letters as light, and where a watcher whose clock is 3 % fast looks.
fn light() -> Result<String> {
    let watcher = Watcher::new(3);
    let (bare, framed) = (Pulses::bare(b"Hel"), letters(b"Hel"));
    let from_first = |nth| watcher.middle(Duration::ZERO, nth);
    let bare_looks = (0..bare.0.len()).map(from_first).collect();
    let seen = watcher.read_letters(&framed);
    let looks = seen.iter().flat_map(|seen| (0..11).map(|nth| watcher.middle(seen.start, nth)));
    let looks = looks.collect();
    let size = (LEFT.unsigned_abs() + 34 * SIZE.0.unsigned_abs(), 240);
    figure(size, "Three letters as light, and where a watcher looks", |area| {
        draw_light(
            area,
            14,
            "From the first slot on: the watcher looks ever earlier",
            &bare,
            bare_looks,
        )?;
        draw_light(area, 134, "From each start slot on: it begins anew", &framed, looks)
    })
}

/// One line of light, with a mark at each moment at which the watcher looks: a dot where it looks
/// into the slot that it means, and a cross elsewhere.
fn draw_light(
    area: &Area<'_>,
    top: i32,
    title: &str,
    pulses: &Pulses,
    looks: Vec<Duration>,
) -> Result<()> {
    let (width, height) = SIZE;
    area.draw(&Text::new(title.to_owned(), (LEFT, top), text(16)))?;
    let y = |is_lit: bool| top + 36 + if is_lit { 0 } else { height };
    let mut corners = Vec::new();
    for (slot, is_lit) in (0..).zip(&pulses.0) {
        corners.extend([0, 1].map(|edge| (LEFT + width * (slot + edge), y(*is_lit))));
    }
    area.draw(&PathElement::new(corners, FIRST.stroke_width(2)))?;
    for (letter, name) in (0..).zip(["H", "e", "l"]) {
        let middle = LEFT + width * (2 * letter + 1) * pulses.0.len() as i32 / 6 - 4;
        area.draw(&Text::new(name, (middle, top + 44 + height), text(16)))?;
    }
    for (nth, at) in looks.into_iter().enumerate() {
        let x = LEFT + width * at.as_millis() as i32 / SLOT.as_millis() as i32;
        let place = (x, y(pulses.is_lit(at)));
        if at.as_millis() / SLOT.as_millis() == nth as u128 {
            area.draw(&Circle::new(place, 4, FIRST.filled()))?;
        } else {
            area.draw(&Cross::new(place, 5, SECOND.stroke_width(3)))?;
        }
    }
    Ok(())
}

/// The request as boxes, one in the other.
fn layers() -> Result<String> {
    let Layers { ethernet, ip, tcp, http, crc } = Layers::new()?;
    let boxes = [
        (
            format!("Ethernet, {} + {} bytes", ethernet.len(), crc.len()),
            "to the card of the next machine",
        ),
        (format!("IP, {} bytes", ip.len()), "to the machine 203.0.113.80"),
        (format!("TCP, {} bytes", tcp.len()), "to the program with number 80"),
        (format!("HTTP, {} bytes", http.len()), REQUEST.lines().next().unwrap_or_default()),
    ];
    figure((720, 236), "A request in its layers", |area| {
        for (depth, (name, says)) in (0..).zip(boxes) {
            let (left, top) = (14 + 26 * depth, 14 + 42 * depth);
            let (right, bottom) = (706 - 26 * depth, 222 - 12 * depth);
            area.draw(&Rectangle::new([(left, top), (right, bottom)], FIRST.stroke_width(2)))?;
            area.draw(&Text::new(name, (left + 12, top + 12), text(16)))?;
            area.draw(&Text::new(says.to_owned(), (left + 240, top + 12), text(16)))?;
        }
        Ok(())
    })
}

fn main() -> ExitCode {
    plots::run(&[("light.svg", light), ("layers.svg", layers)])
}
