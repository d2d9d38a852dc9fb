//! What a page is asked, and what it must say.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use trace::Trace;

use crate::browser::Browser;

/// A browser, and the folder of the pages that it shows.
pub struct Check {
    pub browser: Browser,
    pub folder: PathBuf,
}

impl Check {
    /// Writes the page of a trace, and loads it.
    pub fn load(&mut self, trace: &Trace, title: &str) -> anyhow::Result<()> {
        let url = self.write(trace, title)?;
        self.browser.load(&url)
    }

    /// Writes the page of a trace, and returns its address.
    pub fn write(&self, trace: &Trace, title: &str) -> anyhow::Result<String> {
        let url = self.url(title);
        let file = url.strip_prefix("file://").unwrap_or(&url);
        fs::write(file, views::html(trace, title)).context("cannot write a page")?;
        Ok(url)
    }

    pub fn url(&self, title: &str) -> String {
        let name = title.replace(' ', "-");
        format!("file://{}/{name}.html", self.folder.display())
    }

    /// Chooses an event by the address, and waits until the page has heard of it.
    pub fn address(&mut self, number: usize) -> anyhow::Result<()> {
        self.browser.value(&format!(
            "new Promise(done => {{ addEventListener('hashchange', () => done(), {{ once: true }});
               location.hash = 'a={number}'; }})"
        ))?;
        Ok(())
    }

    pub fn chosen(&mut self, text: &str) -> anyhow::Result<()> {
        let chosen = self.browser.value("document.getElementById('chosen').textContent")?;
        let chosen = chosen.as_str().unwrap_or_default();
        ensure!(chosen.contains(text), "'{chosen}' is chosen, not '{text}'");
        Ok(())
    }

    /// How the first events are marked.
    pub fn marks(&mut self, expected: &[&str]) -> anyhow::Result<()> {
        let marks = "[...document.querySelectorAll('.event')].map(event => event.classList[1])";
        self.is(&format!("{marks}.slice(0, {})", expected.len()), json!(expected))
    }

    /// Of two events that are not concurrent a path is drawn from the first to the last, along
    /// messages and nodes, and listed.
    pub fn proof(
        &mut self,
        trace: &Trace,
        first: usize,
        last: usize,
        word: &str,
    ) -> anyhow::Result<()> {
        let path = self.browser.value(
            "(document.getElementById('way').dataset.events?.match(/\\d+/g) ?? []).map(Number)",
        )?;
        let path: Vec<usize> = serde_json::from_value(path)?;
        let steps = self.browser.value("document.querySelectorAll('#proof li').length")?;
        if word == "concurrent" {
            ensure!(path.is_empty() && steps == 0, "a path between concurrent events: {path:?}");
            return Ok(());
        }
        ensure!(
            path.first() == Some(&first) && path.last() == Some(&last) && steps != 0,
            "no path: {path:?}"
        );
        for step in path.windows(2) {
            let [from, to] = [&trace.events()[step[0]], &trace.events()[step[1]]];
            let is_message = matches!(from.kind, trace::Kind::Send { .. })
                && matches!(to.kind, trace::Kind::Receive { .. })
                && from.message() == to.message();
            ensure!(
                step[0] < step[1] && (from.node == to.node || is_message),
                "not a step of a path: {step:?}"
            );
        }
        Ok(())
    }

    /// No arrow passes through an event or a text that it does not belong to, and rows are in the
    /// order of the events.
    pub fn arrows_touch_nothing(&mut self) -> anyhow::Result<()> {
        let touched = self.browser.value(
            "(() => {
               const marks = [...document.querySelectorAll('.event .mark')], touched = [];
               const texts = [...document.querySelectorAll('.event text')];
               const boxes = [...marks, ...texts].map(part => part.getBoundingClientRect());
               const screen = document.getElementById('picture').getBoundingClientRect();
               for (const path of document.querySelectorAll('.message')) {
                 const length = path.getTotalLength();
                 for (let at = 0; at <= length; at += 2) {
                   const { x, y } = path.getPointAtLength(at);
                   const [left, top] = [x + screen.left, y + screen.top];
                   if (boxes.some(box => box.width && left > box.left && left < box.right
                     && top > box.top && top < box.bottom)) {
                     touched.push([path.getAttribute('d'), x, y]);
                   }
                 }
               }
               const tops = marks.map(mark => mark.getBoundingClientRect().top);
               return [touched, tops.every((top, i) => !i || top >= tops[i - 1] - 1)];
             })()",
        )?;
        ensure!(touched == json!([[], true]), "an arrow touches an event: {touched}");
        Ok(())
    }

    pub fn verdict(&mut self, word: &str) -> anyhow::Result<()> {
        let text = self.browser.value("document.querySelector('.verdict').textContent")?;
        let text = text.as_str().unwrap_or_default();
        let is_so = match word {
            "concurrent" => text.starts_with("A and B are concurrent"),
            _ => text.starts_with(&format!("A happened {word} B")),
        };
        ensure!(is_so, "the page says '{text}', and it is {word}");
        Ok(())
    }

    pub fn is(&mut self, expression: &str, expected: Value) -> anyhow::Result<()> {
        let found = self.browser.value(expression)?;
        ensure!(found == expected, "{expression} is {found}, not {expected}");
        Ok(())
    }

    pub fn done(&mut self, what: &str) -> anyhow::Result<()> {
        let complaints = self.browser.complaints();
        ensure!(complaints.is_empty(), "the page complains: {}", complaints.join("\n"));
        println!("{what}");
        Ok(())
    }
}

/// What the page says under this word of the event that is chosen.
pub fn fact(word: &str) -> String {
    format!(
        "[...document.querySelectorAll('#facts dt')].find(term => term.textContent === \
         '{word}')?.nextSibling.textContent"
    )
}
