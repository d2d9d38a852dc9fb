//! Code that a page quotes, found in its source.
//!
//! An item is named by how its line begins, without `pub`: `fn decode`, `struct Decoder`, `impl
//! Read for Stdin`, `const LIMIT`. One of several with the same name is reached through what
//! surrounds it: `impl Decoder / fn new`. It ends at the first line on its own level that ends with
//! `}` or `;`, which is where the formatter puts the end of an item. Its comments and attributes
//! are not quoted: the page says in its own words what the code is for.

use anyhow::{Context, Result, bail};

/// The lines of `item` in `source`, moved to the left margin.
///
/// # Errors
/// There is no such item, or there are several.
pub(crate) fn quote(source: &str, item: &str) -> Result<String> {
    let text = item.split(" / ").try_fold(source.to_owned(), |text, step| one_item(&text, step))?;
    Ok(text)
}

fn one_item(source: &str, item: &str) -> Result<String> {
    let lines: Vec<&str> = source.lines().collect();
    let mut starts = (0..lines.len()).filter(|&at| begins(lines[at], item));
    let start = starts.next().with_context(|| format!("there is no `{item}`"))?;
    if starts.next().is_some() {
        bail!(
            "there are several `{item}`; name what is around it too, as in `impl Decoder / fn new`"
        );
    }
    let indent = indent(lines[start]);
    let len = lines[start..]
        .iter()
        .position(|line| indent == self::indent(line) && ends(line))
        .with_context(|| format!("`{item}` has no end that stands below its beginning"))?;
    let dedent = |line: &&str| format!("{}\n", line.get(indent..).unwrap_or_default());
    Ok(lines[start..=start + len].iter().map(dedent).collect())
}

fn begins(line: &str, item: &str) -> bool {
    let line = line.trim_start();
    let line = match line.strip_prefix("pub(") {
        Some(rest) => rest.split_once(") ").map_or("", |(_, line)| line),
        None => line.strip_prefix("pub ").unwrap_or(line),
    };
    let qualified = ["", "const ", "async ", "unsafe "];
    qualified.iter().any(|qualifier| {
        line.strip_prefix(qualifier)
            .and_then(|line| line.strip_prefix(item))
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    })
}

fn ends(line: &str) -> bool {
    let code = line.split(" // ").next().unwrap_or(line).trim_end();
    code.ends_with('}') || code.ends_with(';')
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = r#"
/// A limit.
pub const LIMIT: usize = 64; // bytes
const URL: &str = "http://127.0.0.1";

/// Reads.
#[derive(Debug)]
pub struct Decoder {
    /// What arrived.
    have: Vec<u8>,
}

pub(crate) struct Unit(u8);

impl Decoder {
    /// An empty one.
    pub fn new(
        limit: usize,
    ) -> Decoder {
        Decoder { have: vec![] }
    }

    pub const fn decode(&self) -> Option<u8>
    where
        Self: Sized,
    {
        if LIMIT > 0 {
            return None;
        }

        None
    }
}

impl Default for Unit {
    fn new() -> Unit {}
}
"#;

    #[test]
    fn an_item_ends_where_its_formatted_code_does() {
        for (item, quoted) in [
            ("const LIMIT", "pub const LIMIT: usize = 64; // bytes\n"),
            ("const URL", "const URL: &str = \"http://127.0.0.1\";\n"),
            ("struct Unit", "pub(crate) struct Unit(u8);\n"),
            (
                "struct Decoder",
                "pub struct Decoder {\n    /// What arrived.\n    have: Vec<u8>,\n}\n",
            ),
            (
                "impl Decoder / fn new",
                "pub fn new(\n    limit: usize,\n) -> Decoder {\n    Decoder { have: vec![] }\n}\n",
            ),
            (
                "fn decode",
                "pub const fn decode(&self) -> Option<u8>\nwhere\n    Self: Sized,\n{\n    if \
                 LIMIT > 0 {\n        return None;\n    }\n\n    None\n}\n",
            ),
            ("impl Default for Unit", "impl Default for Unit {\n    fn new() -> Unit {}\n}\n"),
        ] {
            assert_eq!(quote(SOURCE, item).unwrap(), quoted, "{item}");
        }
    }

    #[test]
    fn a_missing_or_ambiguous_item_is_refused() {
        for (item, complaint) in [
            ("fn decod", "there is no `fn decod`"),
            ("fn LIMIT", "there is no `fn LIMIT`"),
            ("fn new", "there are several `fn new`"),
            ("impl Unit / fn new", "there is no `impl Unit`"),
        ] {
            let error = quote(SOURCE, item).unwrap_err().to_string();
            assert!(error.starts_with(complaint), "{item}: {error}");
        }
        assert!(quote("fn open() {\n    let x = 1;\n", "fn open").is_err());
    }
}
