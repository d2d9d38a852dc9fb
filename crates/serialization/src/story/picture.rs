//! Bytes as a picture: under them brackets, and in each bracket the name of a field.

use narration::{Narrator, hex, number};

use crate::bytes::{self, Message, Part};
use crate::format::{Format, FormatError};

/// What the screen has left and right of a picture.
const MARGIN: usize = 4;

/// The encodings of a message one under the other, as many of them as are asked for.
pub(super) fn encodings(
    narrator: &mut Narrator<'_>,
    message: &Message,
    count: usize,
) -> anyhow::Result<()> {
    for (name, parts) in all(message)?.into_iter().take(count) {
        encoding(narrator, name, &parts)?;
    }
    Ok(())
}

fn all(message: &Message) -> Result<[(&'static str, Vec<Part>); 4], FormatError> {
    let [bincode, postcard] = bytes::BINARY;
    Ok([
        (Format::Json.name(), bytes::json_parts(message)?),
        (bincode.name(), bytes::binary_parts(bincode, message)?),
        (postcard.name(), bytes::binary_parts(postcard, message)?),
        ("numbered fields", bytes::numbered_parts(message)?),
    ])
}

/// One encoding under its name and its size.
pub(super) fn encoding(
    narrator: &mut Narrator<'_>,
    name: &str,
    parts: &[Part],
) -> anyhow::Result<()> {
    let size: usize = parts.iter().map(|part| part.bytes.len()).sum();
    let is_text = name == Format::Json.name();
    let cell = |part: &Part| {
        let shown = match is_text {
            true => String::from_utf8_lossy(&part.bytes).into_owned(),
            false => hex(&part.bytes),
        };
        [shown, part.meaning.to_owned()]
    };
    let cells: Vec<[String; 2]> = parts.iter().map(cell).collect();
    // Text is shown as it is, without a gap that is not in the bytes.
    let gap = if is_text { 0 } else { 1 };
    let drawn = brackets(&cells, gap, narrator.width() - MARGIN);
    narrator.picture(&format!("**{name}**, {} bytes\n{drawn}", number(size)))?;
    Ok(())
}

/// Cells side by side, each with a bracket under it, in as many rows as the width asks for.
fn brackets(cells: &[[String; 2]], gap: usize, width: usize) -> String {
    let mut rows = vec![[String::new(), String::new()]];
    for [bytes, name] in cells {
        let bytes = shortened(bytes, width);
        let wide = bytes.chars().count().max(name.chars().count() + 2);
        let last = rows.last().expect("there is a first row").clone();
        let taken = last[1].chars().count();
        if taken > 0 && taken + gap + wide > width {
            rows.push([String::new(), String::new()]);
        }
        let row = rows.last_mut().expect("there is a first row");
        let space = " ".repeat(if row[1].is_empty() { 0 } else { gap });
        row[0] += &format!("{space}{bytes:^wide$}");
        row[1] += &format!("{space}└{}┘", labelled(name, wide - 2));
    }
    rows.iter().flatten().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn shortened(text: &str, width: usize) -> String {
    match text.char_indices().nth(width) {
        None => text.to_owned(),
        Some(_) => text.chars().take(width - 2).chain(" …".chars()).collect(),
    }
}

fn labelled(name: &str, width: usize) -> String {
    let name = match width >= name.chars().count() + 2 {
        true => format!(" {name} "),
        false => name.to_owned(),
    };
    format!("{name:─^width$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells() -> Vec<[String; 2]> {
        [["07 00 00 00", "id"], ["68 69", "text"]].map(|cell| cell.map(str::to_owned)).to_vec()
    }

    #[test]
    fn each_name_stands_under_its_bytes() {
        assert_eq!(brackets(&cells(), 1, 40), "07 00 00 00 68 69\n└── id ───┘ └text┘\n");
    }

    #[test]
    fn a_row_that_is_too_wide_goes_on_below_and_a_long_cell_is_cut() {
        let narrow = brackets(&cells(), 1, 12);
        assert_eq!(narrow, "07 00 00 00\n└── id ───┘\n68 69\n└text┘\n");
        assert_eq!(shortened("07 00 00 00", 8), "07 00  …");
    }
}
