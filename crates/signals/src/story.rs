//! Narrates the experiments.

use std::thread;
use std::time::Duration;

use narration::{Answer, Narrator, Table, exact, hex, number, printable};

use crate::errors::{self, MESSAGE, Tried};
use crate::frame::{self, EVERYONE, Verdict, by_lamp, frame, read_frame};
use crate::lamp::{Pulses, SLOT, Watcher, bits, line};
use crate::layers::{self, Layers, REQUEST};
use crate::letters::{self, Seen, letter, letters};

/// How many percent too fast the clock of the watcher runs.
const FAST: i32 = 3;

/// Runs every experiment and narrates it.
///
/// # Errors
/// If the output is closed.
pub fn run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.title("signals", "How do you say \"Hello\" with a flickering lamp?")?;
    hello(narrator)?;
    fast_clock(narrator)?;
    missed_flash(narrator)?;
    three_watchers(narrator)?;
    same_problems(narrator)?;
    nested(narrator)?;
    another_link(narrator)?;
    narrator.remember(
        "Machines that share nothing have to agree beforehand: what the signs mean, where a \
         message begins and ends, how damage shows, and whom it is for.",
        "What does the network promise?",
    )?;
    Ok(())
}

fn hello(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("Hello, by lamp", "computed")?;
    narrator.say(
        "You stand on a hill with a lamp. On the next hill stands a watcher, and you want to say \
         \"Hello\". The two of you share no memory and no clock; all that passes between you is \
         light. Several machines that do something together in this way, with nothing but \
         messages, are a **distributed system**.",
    )?;
    narrator.say(
        "So you agreed on a **protocol**, the rules of the exchange, when you last met. Each \
         letter is a number, by a table called **ASCII**: H is 72. The number is written with \
         eight binary digits, **bits**, which count 128, 64, 32, 16, 8, 4, 2 and 1; together they \
         are a **byte**. 72 is 64 + 8, so 01001000. For each bit there is a **slot** of 100 ms: \
         lit is 1, dark is 0. Now you are the watcher, and see this light, lit above and dark \
         below:",
    )?;
    flicker(narrator, &bits(MESSAGE[1]))?;
    narrator.picture(&line(&bits(MESSAGE[1])))?;
    narrator.predict(
        "Which number is it, in decimal?",
        u32::from(MESSAGE[1]),
        &format!("By the table that is {}. This is the whole word:", shown(MESSAGE[1])),
    )?;
    let pulses = Pulses::bare(&MESSAGE);
    let table = Table::new(["letter", "number", "bits", "the light"]);
    let table = MESSAGE.into_iter().fold(table, |table, letter| {
        let light = line(&bits(letter));
        table.row([printable(&[letter]), letter.to_string(), digits(&bits(letter)), light])
    });
    narrator.table(&table)?;
    let read = Watcher::new(0).read_bare(&pulses);
    narrator.say(&format!(
        "It takes {}. A watcher that begins with you and looks in the middle of each slot reads \
         \"{}\".",
        exact(pulses.takes()),
        printable(&read)
    ))?;
    Ok(())
}

/// The light of a letter as it comes, slot by slot, where a reader watches.
#[expect(clippy::disallowed_methods, reason = "the reader is to see the lamp flicker")]
fn flicker(narrator: &mut Narrator<'_>, slots: &[bool]) -> anyhow::Result<()> {
    if narrator.is_interactive() {
        for seen in 1..=slots.len() {
            narrator.status(&line(&slots[..seen]))?;
            thread::sleep(SLOT);
        }
    }
    Ok(())
}

fn digits(bits: &[bool]) -> String {
    bits.iter().map(|bit| if *bit { '1' } else { '0' }).collect()
}

fn fast_clock(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("A clock that is wrong", "computed")?;
    narrator.say(&format!(
        "No two clocks are the same. The watcher's clock now runs {FAST} % fast: by it, 100 ms are \
         over after {}. It begins with you, and counts slots up to the end.",
        100 * 100 / (100 + FAST)
    ))?;
    let read = Watcher::new(FAST).read_bare(&Pulses::bare(&MESSAGE));
    let right = MESSAGE.iter().zip(&read).take_while(|(sent, read)| sent == read).count();
    narrator.predict(
        "Which of the five letters is the first that it reads wrong?",
        right + 1,
        &format!(
            "Each look is {FAST} % of a slot earlier than the one before. After {} slots that is \
             half a slot: it looks at one slot twice, and all that follows is off by one.",
            slips_after(FAST)
        ),
    )?;
    let table = Table::new(["letter", "sent", "read", "read as"]);
    let table = MESSAGE.into_iter().zip(&read).fold(table, |table, (sent, read)| {
        let [sent_light, read_light] = [sent, *read].map(|byte| line(&bits(byte)));
        table.row([printable(&[sent]), sent_light, read_light, shown(*read)])
    });
    narrator.table(&table)?;
    start_slots(narrator)
}

/// The cure.
fn start_slots(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.say(
        "A better clock only slips later. The cure is to count less: each letter begins with a \
         **start slot**, lit, and ends with a stop slot, dark. The watcher waits for light, and \
         counts from there. So it need not begin with you either.",
    )?;
    let slots = letter(MESSAGE[0]);
    let [start, bits, next, stop] = [0..1, 1..9, 9..10, 10..11].map(|part| line(&slots[part]));
    narrator.picture(&format!(
        "{start} {bits} {next} {stop}     start, the 8 bits of H, one for the next step, stop"
    ))?;
    let table =
        Table::new(["the clock is fast by, %", "read from the first slot", "from each start"]);
    let table = [1, 3, 6, 8].into_iter().fold(table, |table, percent| {
        let watcher = Watcher::new(percent);
        let bare = watcher.read_bare(&Pulses::bare(&MESSAGE));
        let seen = watcher.read_letters(&letters(&MESSAGE));
        let framed: Vec<_> = seen.iter().map(Seen::bits).collect();
        table.row([percent.to_string(), compared(&bare), compared(&framed)])
    });
    narrator.table(&table)?;
    let first = (1..).find(|percent| slips_after(*percent) < letters::SLOTS);
    narrator.say(&format!(
        "A dot is a letter whose bits are read wrong. The stop slot is the last of a letter, and \
         goes wrong first, at {} %: so the watcher can notice.",
        first.unwrap_or_default()
    ))?;
    Ok(())
}

/// After how many slots a clock that is `percent` % fast, 1 or more, is wrong by half a slot.
fn slips_after(percent: i32) -> usize {
    let watcher = Watcher::new(percent);
    let is_right = |nth: &usize| {
        let begins = SLOT * u32::try_from(*nth).unwrap_or(u32::MAX);
        watcher.middle(Duration::ZERO, *nth) >= begins
    };
    (0..).take_while(is_right).count()
}

/// What was read, with a dot for each letter that is wrong.
fn compared(read: &[u8]) -> String {
    let right = |(place, sent): (usize, &u8)| match read.get(place) {
        Some(read) if read == sent => char::from(*sent),
        _ => '·',
    };
    MESSAGE.iter().enumerate().map(right).collect()
}

/// A letter, or the number of a byte that is not one.
fn shown(byte: u8) -> String {
    match byte {
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("no letter: {byte}"),
    }
}

fn missed_flash(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("A flash that is missed", "computed")?;
    // The last 1 of the e.
    let (sent, missed) = (MESSAGE[1], MESSAGE[1] & (MESSAGE[1] - 1));
    narrator.say(&format!(
        "A cloud hides one flash: the last 1 of the {}, which is {sent}, arrives as 0.",
        shown(sent)
    ))?;
    narrator.predict(
        "Which number, in decimal, does the watcher read?",
        u32::from(missed),
        &format!("The last bit counts 1. And {missed} is a letter, too:"),
    )?;
    narrator.picture(&format!(
        "sent  {}   {}\nread  {}   {}\n",
        line(&bits(sent)),
        shown(sent),
        line(&bits(missed)),
        shown(missed)
    ))?;
    narrator.say(&format!(
        "The watcher reads \"{}\" and has no way to notice. So each letter gets a ninth bit, lit \
         where the eight have an odd number of ones: the nine always have an even number. That is \
         **parity**. One flash too few or too many makes the number odd.",
        printable(&MESSAGE.map(|letter| if letter == sent { missed } else { letter }))
    ))?;
    let parity = [1, 2, 4].map(errors::with_parity);
    narrator.predict(
        "The cloud hides two flashes of one letter. Does parity notice?",
        parity[1].got_past == 0,
        "Two changes make the number even again.",
    )?;
    checksum(narrator, parity)
}

/// A stronger check, beside what parity made of 1, 2 and 4 flips.
fn checksum(narrator: &mut Narrator<'_>, parity: [Tried; 3]) -> anyhow::Result<()> {
    narrator.say(&format!(
        "A **checksum** is a number computed from all bytes of a message and sent after them; the \
         receiver computes it again and compares. A **CRC** is a strong one: the message is taken \
         for one long binary number and divided by an agreed one, and the remainder is sent. Ours \
         has one byte; for \"{}\" it is {}. We flip every bit of the message, every pair, and \
         every four:",
        printable(&MESSAGE),
        frame::crc8(&MESSAGE)
    ))?;
    let crc = [1, 2, 4].map(errors::with_crc);
    let table = Table::new(["flipped", "parity: tried", "got past", "CRC: tried", "got past"]);
    let rows = ["1 bit", "2 bits", "4 bits"].into_iter().zip(parity.into_iter().zip(crc));
    let table = rows.fold(table, |table, (flipped, (parity, crc))| {
        let [Tried { tried, got_past }, crc] = [parity, crc];
        let counts = [tried, got_past, crc.tried, crc.got_past].map(number);
        table.row([vec![flipped.to_owned()], counts.into()].concat())
    });
    narrator.table(&table)?;
    narrator.say(
        "No check notices everything: 256 remainders have to do for all messages. What it notices \
         it cannot repair, so the watcher drops the message.",
    )?;
    Ok(())
}

fn three_watchers(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("Three watchers, one lamp", "computed")?;
    narrator.say(
        "Watchers 1, 2 and 3 stand on three hills, and each sees the lamp. \"Hello\" is for 2. So \
         the message becomes a **frame**: in front of the five letters, its **payload**, stand an \
         **address**, the number of the watcher that it is for, and the length; after them the CRC \
         of all.",
    )?;
    let pulses = by_lamp(2, &MESSAGE);
    let verdicts = [1, 2, 3].map(|own| {
        let (verdict, _) = read_frame(Watcher::new(FAST), own, &pulses, Duration::ZERO);
        (own, verdict)
    });
    let see_it = verdicts.iter().filter(|(_, verdict)| !is_damage(verdict)).count();
    narrator.predict(
        "How many of the three see every letter of it?",
        see_it,
        "Light goes everywhere. An address asks the others to look away; it hides nothing.",
    )?;
    let table = Table::new(["watcher", "does with the frame"]);
    let table = verdicts
        .iter()
        .fold(table, |table, (own, verdict)| table.row([own.to_string(), verdict.to_string()]));
    narrator.table(&table)?;
    let bytes = frame(2, &MESSAGE);
    narrator.say("The frame in bytes, in hex, where two digits are a byte and 10 is written a:")?;
    narrator.picture(&format!(
        "{}   {}   {}   {}\nto   length   Hello            CRC\n",
        hex(&bytes[..1]),
        hex(&bytes[1..2]),
        hex(&bytes[2..7]),
        hex(&bytes[7..]),
    ))?;
    narrator.say(&format!(
        "It takes {}, of which the letters themselves are {}. A frame to {EVERYONE} is for all. \
         And one thing is still missing: no light comes back, so you do not know whether anyone \
         read it.",
        exact(pulses.takes()),
        exact(Pulses::bare(&MESSAGE).takes()),
    ))?;
    Ok(())
}

fn is_damage(verdict: &Verdict) -> bool {
    !matches!(verdict, Verdict::Kept(_) | Verdict::NotMine(_))
}

fn same_problems(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("The same problems, four times", "computed")?;
    narrator.say(
        "A web request solves the same problems, and not once: four protocols do it, one above the \
         other. **Ethernet** carries frames over a cable to the next machine. IP, the Internet \
         Protocol, carries packets across many cables to any machine. TCP carries bytes, all of \
         them and in order, to a program. HTTP carries requests for pages, and the pages.",
    )?;
    let table = Table::new(["protocol", "signs", "begin and end", "damage", "for whom"]);
    let table = [
        ["lamp", "letters", "a start, a length", "CRC, 8 bits", "a watcher"],
        ["Ethernet", "bits", "a preamble, a gap", "CRC, 32 bits", "a network card"],
        ["IP", "numbers", "a length", "sum of header", "a machine"],
        ["TCP", "bytes", "a number for each", "sum of all", "a program"],
        ["HTTP", "words", "an empty line", "left to TCP", "a page"],
    ]
    .into_iter()
    .fold(table, Table::row);
    narrator.table(&table)?;
    narrator.say(
        "The preamble is a start slot for machines: 62 bits, 1 and 0 in turn, by which the \
         receiver sets its clock, and then 11.",
    )?;
    Ok(())
}

fn nested(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let layers = Layers::new()?;
    narrator.step("A request in its layers", "computed")?;
    narrator.say(&format!(
        "A browser asks for a page with {} bytes of text. Each protocol takes what the one above \
         it hands down for its payload, and puts a **header** of its own before it: what the next \
         machine or program of that layer has to know. Such a protocol is a **layer**.",
        REQUEST.len()
    ))?;
    let whole = layers.on_ethernet();
    narrator.predict(
        "The headers of TCP and IP have 20 bytes each; Ethernet puts 14 before and 4 after. How \
         many bytes has the whole frame?",
        whole.len(),
        "Here are all of them, each layer one step further in:",
    )?;
    let text = REQUEST.replace("\r\n", "\\r\\n");
    narrator.picture(&format!(
        "Ethernet   {}\n  IP       {}\n    TCP    {}\n      HTTP {text}\nEthernet   {}\n",
        hex(&layers.ethernet),
        hex(&layers.ip),
        hex(&layers.tcp),
        hex(&layers.crc),
    ))?;
    Ok(())
}

fn another_link(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let layers = Layers::new()?;
    let packet = layers.packet();
    let by_lamp = layers::send_by_lamp(&packet);
    narrator.step("Another link under it", "computed")?;
    narrator.say(&format!(
        "Each layer talks with the same layer at the other end, and knows only what is directly \
         below it. So we take Ethernet away, the link between two neighbours, and put the lamp in \
         its place: the packet of {} bytes becomes the payload of a lamp's frame, which adds \
         three, and each byte takes {} slots.",
        packet.len(),
        letters::SLOTS
    ))?;
    narrator.predict(
        "How many seconds does the request take by lamp?",
        Answer::quantity(exact(by_lamp.takes)),
        &format!(
            "{} bytes of {} each.",
            by_lamp.frame,
            exact(by_lamp.takes / u32::try_from(by_lamp.frame)?)
        ),
    )?;
    let (ip, rest) = by_lamp.kept.split_at(by_lamp.kept.len().min(layers.ip.len()));
    let (tcp, http) = rest.split_at(rest.len().min(layers.tcp.len()));
    let same = |sent: &[u8], kept: &[u8]| if sent == kept { "the same" } else { "changed" };
    let table = Table::new(["layer", "by cable, bytes", "by lamp, bytes", "at the watcher"]);
    let rows: [(&str, &[u8], &[u8]); 3] =
        [("HTTP", &layers.http, http), ("TCP", &layers.tcp, tcp), ("IP", &layers.ip, ip)];
    let table = rows.into_iter().fold(table, |table, (layer, sent, kept)| {
        let [by_cable, by_lamp] = [sent, kept].map(|bytes| number(bytes.len()));
        table.row([layer, &by_cable, &by_lamp, same(sent, kept)])
    });
    let own = layers.on_ethernet().len() - packet.len();
    let link = ["the link".to_owned(), own.to_string(), (by_lamp.frame - packet.len()).to_string()];
    narrator.table(&table.row([link.to_vec(), vec!["another one".to_owned()]].concat()))?;
    narrator.say(
        "Not one byte above the link has changed, and no program would have to. That is why the \
         web could move from cables to fibre and radio, and why anyone can invent the next link.",
    )?;
    Ok(())
}
