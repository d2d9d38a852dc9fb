//! A pulse train: how it is made, how it is seen, and how it is drawn.

use std::io;

use super::{MIDDLE, SLOT, SLOTS, right};
use crate::Screen;

/// A part of a pulse train.
#[derive(Clone, Copy, Debug)]
pub(super) enum Piece {
    /// Slots of which bit k says whether slot k is lit. A start slot that is not is lit for a
    /// quarter: a false start. And what the byte is in its frame.
    Byte(u16, &'static str),
    /// Quarters of a slot.
    Dark(usize),
}

/// The slots of a byte.
pub(super) fn encode(byte: u8) -> u16 {
    let bits = u16::from(byte.reverse_bits());
    1 | bits << 1 | (bits.count_ones() as u16 & 1) << 9
}

impl Piece {
    fn is_lit(self, slot: usize) -> bool {
        matches!(self, Piece::Byte(slots, _) if slots >> slot & 1 == 1)
    }

    /// Pulses, each with its quarters of a slot and whether it is lit.
    fn pulses(self) -> Vec<(usize, bool)> {
        let slot = |slot| match (slot, self.is_lit(slot)) {
            (0, false) => vec![(1, true), (3, false)],
            (_, is_lit) => vec![(4, is_lit)],
        };
        match self {
            Piece::Byte(..) => (0..SLOTS).flat_map(slot).collect(),
            Piece::Dark(quarters) => vec![(quarters, false)],
        }
    }

    /// The byte and what it is, or what is wrong with it; or how many looks are dark, from look 43
    /// of the byte before.
    fn words(self) -> String {
        let role = match self {
            Piece::Byte(_, role) => role,
            Piece::Dark(quarters) => return format!("{} looks", quarters + 1),
        };
        let slots: Vec<bool> = (0..SLOTS).map(|slot| self.is_lit(slot)).collect();
        match right::byte(&slots) {
            Ok(byte) => format!("{byte:02x} {role}"),
            Err(error) => format!("✗ {}", format!("{error:?}").trim_start_matches("False")),
        }
    }

    /// A column for each slot, as far as they are seen, and what to write below.
    fn drawn(self, seen: usize, is_cut: bool) -> (String, String) {
        let Piece::Dark(quarters) = self else {
            let sign = |slot| match self.is_lit(slot) {
                true => '█',
                false if slot == 0 => '▌',
                false => '▁',
            };
            let words = if is_cut { "✗ Cut".to_owned() } else { self.words() };
            return ((0..SLOTS.min(seen)).map(sign).collect(), words);
        };
        match quarters.div_ceil(4) {
            slots @ ..=8 => ("▁".repeat(slots), String::new()),
            _ => ("▁▁▁ .. ▁▁▁".to_owned(), self.words()),
        }
    }
}

/// A pulse train, and what is seen of it.
#[derive(Clone, Debug)]
pub(crate) struct Train {
    pieces: Vec<Piece>,
    /// The look at which each of them begins.
    begins: Vec<usize>,
    pub(super) looks: Vec<bool>,
    /// How it is seen, where that is not as usual.
    pub(super) view: Option<String>,
}

impl Train {
    pub(super) fn new(pieces: Vec<Piece>) -> Train {
        Train::paced(pieces, 100, 0)
    }

    /// One where a quarter of a slot takes these hundredths of a look, and the first slot begins
    /// after some.
    pub(super) fn paced(pieces: Vec<Piece>, quarter: usize, phase: usize) -> Train {
        let (mut looks, mut begins, mut end) = (vec![false; phase.div_ceil(100)], vec![], phase);
        for piece in &pieces {
            begins.push(looks.len());
            for (quarters, is_lit) in piece.pulses() {
                end += quarters * quarter;
                looks.resize(end.div_ceil(100), is_lit);
            }
        }
        let (percent, word) =
            (quarter.abs_diff(100), if quarter > 100 { "longer" } else { "shorter" });
        let view = (percent > 0).then(|| format!("with slots that are {percent} % {word}"));
        Train { pieces, begins, looks, view }
    }

    /// The same, but the looks end after this many.
    pub(super) fn cut(mut self, looks: usize) -> Train {
        self.looks.truncate(looks);
        self
    }

    /// One of bytes alone, where every look that is to be ignored shows the opposite.
    pub(super) fn noisy(pieces: Vec<Piece>) -> Train {
        let mut train = Train::new(pieces);
        for (place, is_lit) in train.looks.iter_mut().enumerate() {
            let place = place % (SLOTS * SLOT);
            let is_ignored = place % SLOT != MIDDLE && ![0, SLOTS * SLOT - 1].contains(&place);
            *is_lit ^= is_ignored;
        }
        Train { view: Some("with noise in the looks that do not count".to_owned()), ..train }
    }

    /// The looks from the first lit one on.
    pub(super) fn lit(&self) -> &[bool] {
        let first = self.looks.iter().position(|&is_lit| is_lit);
        &self.looks[first.unwrap_or(self.looks.len())..]
    }

    /// The first of its bytes.
    pub(super) fn words(&self) -> String {
        const MOST: usize = 8;
        let words = self.pieces.iter().take(MOST).map(|piece| piece.words());
        let more = (self.pieces.len() > MOST).then(|| "..".to_owned());
        words.chain(more).collect::<Vec<_>>().join(", ")
    }

    /// The piece that is seen at this look.
    pub(super) fn piece_at(&self, look: usize) -> usize {
        self.begins.partition_point(|&begin| begin <= look).saturating_sub(1)
    }

    /// Draws a column for each slot, and below them what each byte is. `mark` is a piece and one of
    /// its slots.
    pub(super) fn draw(
        &self,
        mark: Option<(usize, usize)>,
        screen: &mut Screen<'_>,
    ) -> io::Result<()> {
        const LABEL: usize = 8;
        const MOST: usize = 3;
        if self.looks.is_empty() {
            return screen.picture("lamp    no looks");
        }
        let width = screen.width() - LABEL - 2;
        let mut rows: Vec<[String; 3]> = vec![Default::default()];
        let mut marked = 0;
        for (place, (piece, begin)) in self.pieces.iter().zip(&self.begins).enumerate() {
            let seen = self.looks.len().saturating_sub(*begin);
            if seen == 0 {
                break;
            }
            // Without the middle of its stop slot it is not a byte.
            let (lamp, words) = piece.drawn(seen.div_ceil(SLOT), seen <= 10 * SLOT + MIDDLE);
            let columns = lamp.chars().count().max(words.chars().count());
            if rows[rows.len() - 1][0].chars().count() + columns > width {
                rows.push(Default::default());
            }
            let last = rows.len() - 1;
            let [lamps, below, marks] = &mut rows[last];
            let column = lamps.chars().count();
            lamps.push_str(&lamp);
            *below = format!("{below:column$}{words}");
            if let Some((_, slot)) = mark.filter(|mark| mark.0 == place) {
                *marks = format!("{:1$}▲", "", column + slot);
                marked = last;
            }
        }
        let first = marked.saturating_sub(MOST - 1);
        for (place, row) in rows.iter().enumerate().skip(first).take(MOST) {
            let label = match place {
                0 => "lamp",
                _ if place == first => "..",
                _ => "",
            };
            screen.picture(&format!("{label:LABEL$}{}", row[0]))?;
            for below in row[1..].iter().filter(|below| !below.is_empty()) {
                screen.picture(&format!("{:LABEL$}{below}", ""))?;
            }
        }
        if rows.len() > first + MOST { screen.picture("..") } else { Ok(()) }
    }
}
