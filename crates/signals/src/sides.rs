//! A lamp to play with: what is sent, what the watcher sees, and what it does with that.

use std::time::Duration;

use anyhow::ensure;
use narration::{Table, WithHint, printable};

use crate::frame::{LONGEST, Verdict, by_lamp, frame, read_frame};
use crate::lamp::{Pulses, Watcher, line};
use crate::letters::{SLOTS, Seen};

/// What goes wrong on the way, and who watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lamp {
    /// The address that the frame is for.
    pub to: u8,
    /// The address of the watcher.
    pub own: u8,
    /// How many percent its clock is too fast.
    pub fast: i32,
    /// The slots that are seen lit instead of dark, or dark instead of lit, counted from 1.
    pub flipped: Vec<usize>,
}

/// A frame as it was sent and as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    bytes: Vec<u8>,
    pulses: Pulses,
    seen: Vec<Seen>,
    /// What the watcher does.
    pub verdict: Verdict,
    /// How long the lamp took.
    pub takes: Duration,
}

impl Lamp {
    /// Sends `text` in a frame.
    ///
    /// # Errors
    /// If the text is too long for a frame, or a slot to flip is beyond its end.
    pub fn send(&self, text: &str) -> anyhow::Result<Sent> {
        let length = text.len();
        ensure!(length <= LONGEST, "a frame carries at most {LONGEST} bytes, not {length}");
        let mut pulses = by_lamp(self.to, text.as_bytes());
        let (bytes, takes) = (frame(self.to, text.as_bytes()), pulses.takes());
        let last = pulses.0.len();
        for slot in &self.flipped {
            let slot = slot.checked_sub(1).and_then(|slot| pulses.0.get_mut(slot));
            let slot = slot.ok_or_else(|| anyhow::anyhow!("the frame does not have that slot"));
            *slot.hint(format!("--flip takes a number from 1 to {last}"))? ^= true;
        }
        let watcher = Watcher::new(self.fast);
        let seen = watcher.read_letters(&pulses);
        let (verdict, _) = read_frame(watcher, self.own, &pulses, Duration::ZERO);
        Ok(Sent { bytes, pulses, seen, verdict, takes })
    }
}

impl Sent {
    /// A row for each byte: its slots as they arrived, and what the watcher saw.
    pub fn table(&self) -> Table {
        let last = self.bytes.len() - 1;
        let table = Table::new(["byte", "slots", "sent", "the light", "looked at", "read as"]);
        self.bytes.iter().enumerate().fold(table, |table, (nth, byte)| {
            let first = nth * SLOTS;
            let means = |byte: u8| match nth {
                0 => format!("address {byte}"),
                1 => format!("length {byte}"),
                _ if nth == last => format!("CRC {byte}"),
                _ => format!("\"{}\"", printable(&[byte])),
            };
            let light = line(&self.pulses.0[first..first + SLOTS]);
            let (looks, read) = match self.seen.get(nth) {
                None => (String::new(), "nothing".to_owned()),
                Some(seen) => {
                    let read = seen.byte().map_or_else(|damage| damage.to_string(), means);
                    (line(&seen.slots), read)
                }
            };
            let slots = format!("{} to {}", first + 1, first + SLOTS);
            table.row([(nth + 1).to_string(), slots, means(*byte), light, looks, read])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAMP: Lamp = Lamp { to: 2, own: 2, fast: 0, flipped: Vec::new() };

    fn verdict(lamp: &Lamp) -> Verdict {
        lamp.send("Hello").expect("it is sent").verdict
    }

    #[test]
    fn a_flipped_slot_is_named_and_two_are_found_by_the_crc() {
        assert_eq!(verdict(&LAMP), Verdict::Kept(b"Hello".to_vec()));
        // The third byte is H; its slots are 23 to 33.
        let one = verdict(&Lamp { flipped: vec![25], ..LAMP });
        assert_eq!(one.to_string(), "dropped: byte 3 has wrong parity");
        assert_eq!(verdict(&Lamp { flipped: vec![25, 26], ..LAMP }), Verdict::Crc);
        // A slot flipped twice is as it was.
        assert!(matches!(verdict(&Lamp { flipped: vec![25, 25], ..LAMP }), Verdict::Kept(_)));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(LAMP.send(&"x".repeat(255)).is_ok());
        assert!(LAMP.send(&"x".repeat(256)).is_err());
        for flipped in [0, 89, usize::MAX] {
            assert!(Lamp { flipped: vec![flipped], ..LAMP }.send("Hello").is_err());
        }
    }
}
