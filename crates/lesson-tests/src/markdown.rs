//! As much of Markdown as the pages use: headings, fences with the directive before them, links.
//!
//! Fences start in the first column; a directive is a comment on a line of its own, `<!--
//! transcript: 2 -->`, and belongs to the fence that follows. Text in a fence or between backticks
//! holds no heading and no link.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::LazyLock;

use anyhow::Result;
use regex::Regex;

static LINK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?xm)
            \[[^\]]*\] \( \s* <?([^)\s>]*)>? (?:\s+"[^"]*")? \s* \)
            | ^[\ ]{0,3} \[[^\]]+\]: \s* (\S+)
            | <(https?:[^>]*)>"#,
    )
});
static CODE: LazyLock<Regex> = LazyLock::new(|| pattern("`[^`\n]+`"));
static BOLD: LazyLock<Regex> = LazyLock::new(|| pattern(r"\*\*([^*]+)\*\*"));
static DIRECTIVE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^<!-- ([a-z]+): (.*\S) -->$"));

/// A line that begins with `#`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Heading<'a> {
    pub(crate) level: usize,
    pub(crate) text: &'a str,
}

/// A fenced block, and what the comment before it says of where its text comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fence<'a> {
    /// What stands after the backticks: `rust`, `text`, `console`, `sh`, or nothing.
    pub(crate) language: &'a str,
    /// The directive's name and argument.
    pub(crate) directive: Option<(&'a str, &'a str)>,
    /// The lines between the fences.
    pub(crate) body: String,
}

/// A link, and the line that it begins on, counted from 1.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Link<'a> {
    pub(crate) line: usize,
    pub(crate) target: &'a str,
}

/// The page with every fence's text replaced by what `fill` says it should be, and what `fill`
/// complained of, each with its line. A fence with a complaint keeps its text.
pub(crate) fn refill<'a>(
    page: &'a str,
    mut fill: impl FnMut(&Fence<'a>) -> Result<String>,
) -> (String, Vec<String>) {
    let mut refilled = String::new();
    let mut complaints = Vec::new();
    let mut directive = None;
    let mut lines = page.lines().zip(1..);
    while let Some((line, number)) = lines.next() {
        let _ = writeln!(refilled, "{line}");
        let Some((marks, language)) = opening(line) else {
            if let Some((stray, _)) = directive.filter(|_| !line.trim().is_empty()) {
                complaints
                    .push(format!("line {number}: the directive `{stray}` needs a fence after it"));
            }
            let captures = DIRECTIVE.captures(line).map(|captures| captures.extract());
            directive = captures
                .map(|(_, [name, argument])| (name, argument))
                .or(directive.filter(|_| line.trim().is_empty()));
            continue;
        };
        let inside = lines.by_ref().map(|(line, _)| line);
        let body: Vec<&str> = inside.take_while(|line| line.trim_end() != marks).collect();
        let fence = Fence {
            language,
            directive: directive.take(),
            body: body.iter().map(|line| format!("{line}\n")).collect(),
        };
        let text = fill(&fence).unwrap_or_else(|complaint| {
            complaints.push(format!("line {number}: {complaint:#}"));
            fence.body
        });
        let _ = writeln!(refilled, "{text}{marks}");
    }
    if let Some((stray, _)) = directive {
        complaints.push(format!("at the end: the directive `{stray}` needs a fence after it"));
    }
    (refilled, complaints)
}

/// Every fence, in order.
pub(crate) fn fences(page: &str) -> Vec<Fence<'_>> {
    let mut fences = Vec::new();
    refill(page, |fence| {
        fences.push(fence.clone());
        Ok(String::new())
    });
    fences
}

/// Every heading, in order.
pub(crate) fn headings(page: &str) -> Vec<Heading<'_>> {
    outside_fences(page)
        .filter_map(|(_, line)| {
            let level = line.len() - line.trim_start_matches('#').len();
            let text = line[level..].strip_prefix(' ')?;
            (level > 0).then(|| Heading { level, text: text.trim() })
        })
        .collect()
}

/// What may stand after `#` in a link to this page: each heading in small letters, without
/// punctuation, with hyphens for spaces.
pub(crate) fn anchors(page: &str) -> BTreeSet<String> {
    let slug = |heading: Heading<'_>| {
        let text = heading.text.to_lowercase();
        let kept = text.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings(page).into_iter().map(slug).collect()
}

/// Every text in bold, on one line.
pub(crate) fn bold(page: &str) -> Vec<String> {
    let prose: String = outside_fences(page).map(|(_, line)| line).collect();
    let prose = CODE.replace_all(&prose, "");
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    BOLD.captures_iter(&prose).map(|captures| one_line(&captures[1])).collect()
}

/// Every link: in the text, in a definition, and addresses between angle brackets.
pub(crate) fn links(page: &str) -> Vec<Link<'_>> {
    let mut prose: String =
        page.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
    for (start, line) in outside_fences(page) {
        prose.replace_range(start..start + line.len(), line);
    }
    // Of the same length, so that a place in the prose is the same place in the page.
    let blank = |captures: &regex::Captures<'_>| " ".repeat(captures[0].len());
    let prose = CODE.replace_all(&prose, blank);
    let target = |captures: regex::Captures<'_>| {
        let found = captures.iter().skip(1).flatten().next()?;
        let place = captures.get(0)?.start();
        Some(Link { line: page[..place].matches('\n').count() + 1, target: &page[found.range()] })
    };
    LINK.captures_iter(&prose).filter_map(target).collect()
}

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern, which the tests below compile")
}

/// The lines that are in no fence, each with where it starts.
fn outside_fences(page: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    let mut open: Option<&str> = None;
    page.split_inclusive('\n').filter_map(move |line| {
        let at = start;
        start += line.len();
        let text = line.trim_end();
        match open {
            Some(marks) => {
                open = (text != marks).then_some(marks);
                None
            }
            None => {
                open = opening(text).map(|(marks, _)| marks);
                open.is_none().then_some((at, line))
            }
        }
    })
}

/// The backticks that open a fence, and its language.
fn opening(line: &str) -> Option<(&str, &str)> {
    let language = line.trim_start_matches('`');
    let marks = &line[..line.len() - language.len()];
    (marks.len() >= 3).then(|| (marks, language.trim()))
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    const PAGE: &str = "# 06 echo

Read [the code](../../src/lib.rs#L3 \"why\"), [`main`](main.rs), `[not](a-link)` and \
                        <https://a.example>.
A link may [go
on](#what-you-saw).

<!-- transcript: 2 -->
```text
# no heading
[no](link)
```

## What you *saw*, and `why_not`

````
```
# none here
````
[later]: later.md
";

    #[test]
    fn headings_and_anchors_are_those_outside_fences() {
        let texts: Vec<_> = headings(PAGE).into_iter().map(|h| (h.level, h.text)).collect();
        assert_eq!(texts, [(1, "06 echo"), (2, "What you *saw*, and `why_not`")]);
        let expected = ["06-echo", "what-you-saw-and-why_not"];
        assert_eq!(anchors(PAGE), expected.map(str::to_owned).into());
    }

    #[test]
    fn bold_is_found_outside_code() {
        let page = "A **frame** and `**no**` **end\nof it**.\n```\n**drawn**\n```\n";
        assert_eq!(bold(page), ["frame", "end of it"]);
    }

    #[test]
    fn links_are_those_outside_code() {
        let found: Vec<_> = links(PAGE).iter().map(|link| (link.line, link.target)).collect();
        assert_eq!(
            found,
            [
                (3, "../../src/lib.rs#L3"),
                (3, "main.rs"),
                (3, "https://a.example"),
                (4, "#what-you-saw"),
                (19, "later.md"),
            ]
        );
    }

    #[test]
    fn a_page_that_is_right_is_refilled_with_itself() {
        let mut fences = Vec::new();
        let (page, complaints) = refill(PAGE, |fence| {
            fences.push((fence.language.to_owned(), fence.directive.map(|d| format!("{d:?}"))));
            Ok(fence.body.clone())
        });
        assert_eq!((page.as_str(), complaints.len()), (PAGE, 0));
        let directive = Some(r#"("transcript", "2")"#.to_owned());
        assert_eq!(fences, [("text".to_owned(), directive), (String::new(), None)]);
    }

    #[test]
    fn a_fence_is_refilled_and_a_complaint_names_its_line() {
        let (page, complaints) = refill(PAGE, |fence| match fence.directive {
            Some(_) => Ok("new\n".to_owned()),
            None => bail!("what is this?"),
        });
        assert_eq!(page, PAGE.replace("# no heading\n[no](link)\n", "new\n"));
        assert_eq!(complaints, ["line 15: what is this?"]);
    }

    #[test]
    fn a_directive_without_a_fence_is_a_complaint() {
        for (page, complaint) in [
            (
                "<!-- quote: a b -->\n\ntext\n",
                "line 3: the directive `quote` needs a fence after it",
            ),
            ("<!-- quote: a b -->\n", "at the end: the directive `quote` needs a fence after it"),
        ] {
            assert_eq!(refill(page, |fence| Ok(fence.body.clone())).1, [complaint]);
        }
    }
}
