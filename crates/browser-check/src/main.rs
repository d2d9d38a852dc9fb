//! Tries the page of a trace in a real browser: it loads with no complaint and requests nothing
//! over the network; keys and clicks choose; what it says of two events is what
//! [`trace::HappenedBefore`] says; and no text of a trace becomes markup or script.
//!
//! `browser-check PROGRAM PAGE PICTURE [DIR]`: the browser; the page of lesson 15's run, and where
//! to put the screenshot of it that the lesson shows; and a folder for screenshots of other pages,
//! to look at.

mod browser;
mod page;
mod runs;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use trace::Trace;

use browser::Browser;
use page::{Check, fact};
use runs::Random;

const PAIRS: usize = 100;

fn main() -> anyhow::Result<()> {
    let mut arguments = env::args().skip(1);
    let program = arguments.next().context("which browser?")?;
    let page = arguments.next().context("which page is that of lesson 15?")?;
    let picture = arguments.next().map(PathBuf::from).context("where to put its picture?")?;
    let screenshots = arguments.next().map(PathBuf::from);
    let folder = tempfile::tempdir().context("cannot make a folder")?;
    let mut check = Check {
        browser: Browser::start(&program, &folder.path().join("profile"))?,
        folder: folder.path().to_owned(),
    };
    check.keys_and_clicks_choose()?;
    check.compare_says_what_the_oracle_says()?;
    check.hostile_texts_are_shown_as_text()?;
    check.nothing_is_a_page_too()?;
    check.speed()?;
    check.lesson_15(&page, &picture)?;
    if let Some(screenshots) = screenshots {
        check.screenshots(&screenshots)?;
    }
    Ok(())
}

impl Check {
    fn keys_and_clicks_choose(&mut self) -> anyhow::Result<()> {
        self.load(&runs::everything(), "One of everything")?;
        self.is("document.querySelectorAll('.event').length", json!(18))?;
        self.arrows_touch_nothing()?;
        self.browser.click(".event .mark", 4, false)?;
        self.chosen("event 5, orders, reserve, sends m2 to stock")?;
        self.marks(&[
            "past",
            "past",
            "past",
            "concurrent",
            "chosen",
            "concurrent",
            "concurrent",
            "concurrent",
            "future",
        ])?;
        // Along the message, and at the node.
        for (key, expected) in
            [("ArrowRight", 9), ("ArrowUp", 7), ("ArrowLeft", 6), ("ArrowDown", 8), ("ArrowUp", 6)]
        {
            self.browser.value("document.getElementById('diagram').focus()")?;
            self.browser.press(key, false)?;
            self.chosen(&format!("event {expected},"))?;
        }
        self.browser.press("Enter", true)?;
        self.browser.press("ArrowRight", false)?;
        self.verdict("before")?;
        self.is(
            "document.querySelector('#proof li').textContent",
            json!("Message m3: from frontend, event 6, to stock, event 7."),
        )?;
        self.browser.press("Escape", false)?;
        self.is("document.querySelector('.verdict')", Value::Null)?;
        self.replay_labels_and_table()?;
        self.search_and_address()?;
        self.done("keys and clicks choose")
    }

    fn replay_labels_and_table(&mut self) -> anyhow::Result<()> {
        let at = "document.getElementById('at').textContent";
        for (key, expected) in [(",", "17 of 18"), (",", "16 of 18"), (".", "17 of 18")] {
            self.browser.press(key, false)?;
            self.is(at, json!(expected))?;
        }
        self.is(
            "[...document.querySelectorAll('.event')].filter(event =>
               event.getBoundingClientRect().bottom > \
             document.getElementById('now').getBoundingClientRect().top).length",
            json!(1),
        )?;
        self.browser.click("#play", 0, false)?;
        self.is(
            "new Promise(done => new MutationObserver(() => \
             done(document.getElementById('play').textContent))
               .observe(document.getElementById('play'), { childList: true }))",
            json!("Play"),
        )?;
        self.is(at, json!("18 of 18"))?;
        let label = "document.querySelectorAll('.event text')[1].textContent";
        self.is(label, json!("[2,0,0]  order"))?;
        for switch in ["#time", "#lamport", "#vector", "#names"] {
            self.browser.click(switch, 0, false)?;
        }
        self.is(label, json!("22:13:20.137  2  order · m1"))?;
        self.browser.click("#list summary", 0, false)?;
        self.browser.value(
            "new Promise(done => (function look() {
               document.querySelector('#list button') ? done() : requestAnimationFrame(look); \
             })())",
        )?;
        self.browser.click("#list button", 4, false)?;
        self.chosen("event 5, orders, reserve")?;
        let rows = "[...document.querySelectorAll('#list tbody tr')].map(row => \
                    row.lastChild.textContent)";
        let expected = [
            "before",
            "before",
            "before",
            "concurrent",
            "A",
            "concurrent",
            "concurrent",
            "concurrent",
            "after",
        ];
        self.is(&format!("{rows}.slice(0, 9)"), json!(expected.as_slice()))
    }

    fn search_and_address(&mut self) -> anyhow::Result<()> {
        self.browser.value("document.getElementById('query').focus()")?;
        self.browser.call("Input.insertText", json!({ "text": "PEEK" }))?;
        self.is("document.getElementById('found').textContent", json!("2 found"))?;
        self.browser.press("Enter", false)?;
        self.chosen("event 6,")?;
        let page = self.url("One of everything");
        self.browser.load(&format!("{page}#a=17&b=1&until=17"))?;
        self.chosen("event 17,")?;
        self.verdict("after")?;
        self.is("document.getElementById('at').textContent", json!("17 of 18"))?;
        // An address may hold anything.
        self.browser.load(&format!("{page}#a=99&b=-1&until=x&search=%3Cb%3E"))?;
        self.is("document.getElementById('clear').disabled", json!(true))?;
        self.is("document.getElementById('found').textContent", json!("0 found"))
    }

    fn compare_says_what_the_oracle_says(&mut self) -> anyhow::Result<()> {
        let mut random = Random(8);
        let trace = runs::random(5, 120, &mut random);
        let order = trace.happened_before();
        self.load(&trace, "Random")?;
        self.arrows_touch_nothing()?;
        let mut said = [0; 3];
        for _ in 0..PAIRS {
            let a = random.below(120);
            let b = (a + 1 + random.below(119)) % 120;
            self.browser.click("#clear", 0, false)?;
            self.browser.click(".event .mark", a, false)?;
            let marks = (0..trace.events().len()).map(|event| match event {
                _ if event == a => "chosen",
                _ if order.holds(event, a) => "past",
                _ if order.holds(a, event) => "future",
                _ => "concurrent",
            });
            self.marks(&marks.collect::<Vec<_>>())?;
            self.browser.click(".event .mark", b, true)?;
            let (place, word) = match (order.holds(a, b), order.holds(b, a)) {
                (true, _) => (0, "before"),
                (_, true) => (1, "after"),
                _ => (2, "concurrent"),
            };
            said[place] += 1;
            self.verdict(word).with_context(|| format!("events {} and {}", a + 1, b + 1))?;
            self.proof(&trace, a.min(b), a.max(b), word)?;
        }
        let [before, after, concurrent] = said;
        ensure!(
            said.iter().all(|count| *count >= PAIRS / 10),
            "the pairs are too much alike: {said:?}"
        );
        self.done(&format!(
            "{PAIRS} pairs as the oracle says: {before} before, {after} after, \
             {concurrent} concurrent"
        ))
    }

    fn hostile_texts_are_shown_as_text(&mut self) -> anyhow::Result<()> {
        let (trace, labels) = runs::hostile();
        let title = "<script>document.title='taken'</script> & \"quotes\"";
        let file = self.folder.join("hostile.html");
        fs::write(&file, views::html(&trace, title)).context("cannot write a page")?;
        self.browser.load(&format!("file://{}", file.display()))?;
        self.is("document.title", json!(title))?;
        self.is("document.querySelector('h1').textContent", json!(title))?;
        self.is(
            "[document.scripts.length, document.images.length, \
             document.querySelectorAll('b').length]",
            json!([2, 0, 0]),
        )?;
        self.is("document.querySelector('#heads span').textContent", json!("<b>n0</b>"))?;
        for (number, label) in labels.iter().enumerate() {
            self.address(2 * number + 2)?;
            self.is(&fact("label"), json!(label))?;
            self.is(&fact("Lamport"), json!(u64::MAX.to_string()))?;
        }
        self.address(2 * labels.len() + 1)?;
        self.is(&fact("label"), json!("turned \\u{202e}round\\u{0}\\u{7}"))?;
        self.is("document.title", json!(title))?;
        self.done("hostile texts are text")
    }

    fn nothing_is_a_page_too(&mut self) -> anyhow::Result<()> {
        self.load(&Trace::new(["n0"]), "Empty")?;
        self.browser.value("document.getElementById('diagram').focus()")?;
        self.browser.press("ArrowDown", false)?;
        self.is("document.getElementById('chosen').textContent", json!("Nothing happened."))?;
        self.load(&Trace::new([""; 0]), "No nodes")?;
        self.is("document.getElementById('chosen').textContent", json!("Nothing happened."))?;
        self.done("a run in which nothing happened has a page")
    }

    /// Printed, and not judged: another machine has other times.
    fn speed(&mut self) -> anyhow::Result<()> {
        self.load(&runs::random(12, 2_000, &mut Random(12)), "Two thousand")?;
        let paint = self.browser.value(
            "new Promise(done => new PerformanceObserver(seen =>
               seen.getEntriesByName('first-contentful-paint').forEach(paint => \
             done(paint.startTime)))
               .observe({ type: 'paint', buffered: true }))",
        )?;
        self.address(1000)?;
        // The script and the layout that it causes; the painting comes on top.
        let mut choose = |keys: [&str; 2]| {
            self.browser.value(&format!(
                "(() => {{ const times = [], diagram = document.getElementById('diagram');
                   for (let k = 0; k < 41; k++) {{
                     const start = performance.now();
                     diagram.dispatchEvent(new KeyboardEvent('keydown', {{ key: {keys:?}[k % 2] \
                 }}));
                     document.body.offsetHeight;
                     times.push(performance.now() - start);
                   }}
                   return times.sort((a, b) => a - b)[20]; }})()"
            ))
        };
        let (down, right) =
            (choose(["ArrowDown", "ArrowDown"])?, choose(["ArrowRight", "ArrowLeft"])?);
        let [paint, down, right] =
            [paint, down, right].map(|time| time.as_f64().unwrap_or(f64::NAN));
        self.done(&format!(
            "2,000 events, 12 nodes: first paint {paint:.0} ms; to choose the next, with layout: \
             {down:.1} ms down, {right:.1} ms aside"
        ))
    }

    /// The page that lesson 15 shows, with U chosen: what is asserted is what the picture is there
    /// to show, and not its pixels, which differ between browsers.
    fn lesson_15(&mut self, page: &str, picture: &Path) -> anyhow::Result<()> {
        self.window(900, 440, "light")?;
        self.browser.load(&format!("file://{page}#a=6"))?;
        self.arrows_touch_nothing()?;
        self.chosen("event 6, b, U send, sends m2 to a")?;
        self.chosen("4 happened before it, 1 after it, 1 concurrent with it.")?;
        // P, Q, R and S; T; U itself; V.
        self.marks(&["past", "past", "past", "past", "concurrent", "chosen", "future"])?;
        let screenshot = self.browser.call("Page.captureScreenshot", json!({}))?;
        write_base64(picture, &screenshot)?;
        self.done(&format!("the past of U in lesson 15: {}", picture.display()))
    }

    fn window(&mut self, width: u32, height: u32, scheme: &str) -> anyhow::Result<()> {
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.browser.call("Emulation.setEmulatedMedia", media)?;
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.browser.call("Emulation.setDeviceMetricsOverride", size)?;
        Ok(())
    }

    fn screenshots(&mut self, folder: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(folder).context("cannot make the folder")?;
        let page = self.write(&runs::everything(), "One of everything")?;
        let busy = self.write(&runs::random(12, 2_000, &mut Random(12)), "Two thousand")?;
        let file = self.folder.join("hostile.html");
        let hostile = format!("file://{}", file.display());
        for (name, url, width, scheme) in [
            ("plain", page.clone(), 1200, "light"),
            ("light", format!("{page}#a=5"), 1200, "light"),
            ("dark", format!("{page}#a=3&b=17&until=17"), 1200, "dark"),
            ("narrow", format!("{page}#a=3&b=17"), 360, "light"),
            ("narrow-dark", format!("{page}#a=9&search=peek"), 360, "dark"),
            ("hostile", format!("{hostile}#a=22"), 1200, "light"),
            ("busy", format!("{busy}#a=900"), 1200, "dark"),
        ] {
            self.window(width, 780, scheme)?;
            self.browser.load(&url)?;
            self.is("document.documentElement.scrollWidth <= innerWidth", json!(true))?;
            let screenshot = self.browser.call("Page.captureScreenshot", json!({}))?;
            write_base64(&folder.join(format!("{name}.png")), &screenshot)?;
        }
        self.browser.load(&format!("{page}#a=5&b=17"))?;
        let print = self.browser.call("Page.printToPDF", json!({ "printBackground": false }))?;
        write_base64(&folder.join("print.pdf"), &print)
    }
}

fn write_base64(file: &Path, answer: &Value) -> anyhow::Result<()> {
    let bytes = BASE64_STANDARD.decode(answer["data"].as_str().unwrap_or_default())?;
    fs::write(file, bytes).with_context(|| format!("cannot write {}", file.display()))
}
