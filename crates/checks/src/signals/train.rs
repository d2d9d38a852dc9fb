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
    Dark(u32),
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
    fn pulses(self) -> Vec<(u32, bool)> {
        let slot = |slot| match (slot, self.is_lit(slot)) {
            (0, false) => vec![(1, true), (3, false)],
            (_, is_lit) => vec![(4, is_lit)],
        };
        match self {
            Piece::Byte(..) => (0..SLOTS).flat_map(slot).collect(),
            Piece::Dark(quarters) => vec![(quarters, false)],
        }
    }

    /// Hundredths of a look that it takes, where a quarter of a slot takes these.
    fn time(self, quarter: u32) -> u32 {
        self.pulses().iter().map(|(quarters, _)| quarters * quarter).sum()
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
            slots @ ..=8 => ("▁".repeat(slots as usize), String::new()),
            _ => ("▁▁▁ .. ▁▁▁".to_owned(), self.words()),
        }
    }
}

/// A pulse train, and what is seen of it.
#[derive(Clone, Debug)]
pub(crate) struct Train {
    pub(super) pieces: Vec<Piece>,
    /// Hundredths of a look that a quarter of the sender's slots takes, and that pass before the
    /// first slot begins.
    quarter: u32,
    phase: u32,
    is_noisy: bool,
    pub(super) looks: Vec<bool>,
}

impl Train {
    pub(super) fn new(pieces: Vec<Piece>) -> Train {
        Train::paced(pieces, 100, 0)
    }

    pub(super) fn paced(pieces: Vec<Piece>, quarter: u32, phase: u32) -> Train {
        let (mut looks, mut end) = (Vec::new(), phase as usize);
        let pulses = pieces.iter().flat_map(|piece| piece.pulses());
        for (quarters, is_lit) in [(0, false)].into_iter().chain(pulses) {
            end += (quarters * quarter) as usize;
            looks.resize(end.div_ceil(100), is_lit);
        }
        Train { pieces, quarter, phase, is_noisy: false, looks }
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
        Train { is_noisy: true, ..train }
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

    /// How it is seen, where that is not as usual.
    pub(super) fn view(&self) -> Option<String> {
        match (self.quarter, self.is_noisy) {
            (100, false) => None,
            (100, true) => Some("with noise in the looks that do not count".to_owned()),
            (quarter, _) => {
                let word = if quarter > 100 { "longer" } else { "shorter" };
                Some(format!("with slots that are {} % {word}", quarter.abs_diff(100)))
            }
        }
    }

    /// Hundredths of a look at which each piece begins.
    fn begins(&self) -> impl Iterator<Item = u32> {
        self.pieces.iter().scan(self.phase, |end, piece| {
            *end += piece.time(self.quarter);
            Some(*end - piece.time(self.quarter))
        })
    }

    /// The piece that is seen at this look.
    pub(super) fn piece_at(&self, look: usize) -> usize {
        let begun = self.begins().take_while(|&start| start as usize <= look * 100);
        begun.count().saturating_sub(1)
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
        for (place, (piece, start)) in self.pieces.iter().zip(self.begins()).enumerate() {
            let end = self.looks.len() as u32 * 100;
            let seen = end.saturating_sub(start).div_ceil(4 * self.quarter) as usize;
            if seen == 0 {
                break;
            }
            // Without the middle of its stop slot it is not a byte.
            let is_cut = end < start + 43 * 100;
            let (lamp, words) = piece.drawn(seen, is_cut);
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
