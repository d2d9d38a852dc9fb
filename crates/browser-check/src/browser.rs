//! A headless browser, driven by the Chrome DevTools protocol: JSON messages, each followed by a
//! zero byte, over two pipes that the browser finds as its files 3 and 4.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

/// How long the browser may take for one answer.
const REPLY_TIMEOUT: Duration = Duration::from_secs(60);

/// A browser that shows one page. It ends with this value.
pub struct Browser {
    process: Child,
    commands: ChildStdin,
    messages: Receiver<Value>,
    session: Option<String>,
    last_id: u64,
    /// What went wrong in the page so far, and what it requested over the network.
    complaints: Vec<String>,
    /// What was loaded to its end, as the browser calls it.
    loaded: BTreeSet<String>,
}

impl Browser {
    /// Starts one whose files are in `profile`.
    ///
    /// # Errors
    /// Where there is no `program`, or it does not answer.
    pub fn start(program: &str, profile: &Path) -> anyhow::Result<Browser> {
        let mut process = Command::new("sh")
            .args(["-c", r#"exec "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1"#, "sh", program])
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--hide-scrollbars",
            ])
            .args([
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--remote-debugging-pipe",
            ])
            .arg(format!("--user-data-dir={}", profile.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start a shell")?;
        let (Some(commands), Some(answers)) = (process.stdin.take(), process.stdout.take()) else {
            bail!("the browser has no pipes");
        };
        let mut browser = Browser {
            process,
            commands,
            messages: reader(answers),
            session: None,
            last_id: 0,
            complaints: Vec::new(),
            loaded: BTreeSet::new(),
        };
        browser.open_tab().with_context(|| format!("{program} does not answer"))?;
        Ok(browser)
    }

    fn open_tab(&mut self) -> anyhow::Result<()> {
        let target = self.call("Target.createTarget", json!({ "url": "about:blank" }))?;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.call("Target.attachToTarget", attach)?;
        self.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            self.call(&format!("{domain}.enable"), json!({}))?;
        }
        self.call("Page.setLifecycleEventsEnabled", json!({ "enabled": true }))?;
        Ok(())
    }

    /// Shows a page, and waits until it is loaded.
    ///
    /// # Errors
    /// Where it is not.
    pub fn load(&mut self, url: &str) -> anyhow::Result<()> {
        // Another part of the address alone would load nothing.
        self.call("Page.navigate", json!({ "url": "about:blank" }))?;
        let load = self.call("Page.navigate", json!({ "url": url }))?;
        let loader =
            load["loaderId"].as_str().with_context(|| format!("{url} is not loaded: {load}"))?;
        while !self.loaded.contains(loader) {
            let message = self.next()?;
            self.note(&message);
        }
        Ok(())
    }

    /// The value of an expression in the page.
    ///
    /// # Errors
    /// Where it throws.
    pub fn value(&mut self, expression: &str) -> anyhow::Result<Value> {
        let ask = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", ask)?;
        ensure!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        Ok(answer["result"]["value"].clone())
    }

    /// Presses a key, as
    /// [`KeyboardEvent.key`](https://developer.mozilla.org/docs/Web/API/KeyboardEvent/key) calls
    /// it.
    ///
    /// # Errors
    /// Where the browser does not answer.
    pub fn press(&mut self, key: &str, shift: bool) -> anyhow::Result<()> {
        let code = match key {
            "Enter" => 13,
            "Escape" => 27,
            "ArrowLeft" => 37,
            "ArrowUp" => 38,
            "ArrowRight" => 39,
            "ArrowDown" => 40,
            _ => 0,
        };
        for kind in ["rawKeyDown", "keyUp"] {
            let modifiers = 8 * u8::from(shift);
            let press = json!({
                "type": kind, "key": key, "windowsVirtualKeyCode": code, "modifiers": modifiers
            });
            self.call("Input.dispatchKeyEvent", press)?;
        }
        Ok(())
    }

    /// Clicks what a selector and a number choose, once it is scrolled to.
    ///
    /// # Errors
    /// Where there is no such element.
    pub fn click(&mut self, selector: &str, number: usize, shift: bool) -> anyhow::Result<()> {
        let place = self.value(&format!(
            "(() => {{ const found = document.querySelectorAll({selector:?})[{number}];
               found.scrollIntoView({{ block: 'center', inline: 'center' }});
               const box = found.getBoundingClientRect();
               return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        ))?;
        for kind in ["mousePressed", "mouseReleased"] {
            let click = json!({
                "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1,
                "modifiers": 8 * u8::from(shift),
            });
            self.call("Input.dispatchMouseEvent", click)?;
        }
        Ok(())
    }

    /// All that went wrong in the pages since the last call, and what they requested over the
    /// network.
    pub fn complaints(&mut self) -> Vec<String> {
        std::mem::take(&mut self.complaints)
    }

    /// Sends a command to the browser, or to its page.
    ///
    /// # Errors
    /// Where it returns an error, or does not answer.
    pub fn call(&mut self, method: &str, params: Value) -> anyhow::Result<Value> {
        self.last_id += 1;
        let id = self.last_id;
        let mut command = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = &self.session {
            command["sessionId"] = json!(session);
        }
        write!(self.commands, "{command}\0").context("the browser has ended")?;
        loop {
            let mut message = self.next()?;
            if message["id"] != id {
                self.note(&message);
                continue;
            }
            if let Some(error) = message.get("error") {
                bail!("{method}: {error}");
            }
            return Ok(message["result"].take());
        }
    }

    fn next(&mut self) -> anyhow::Result<Value> {
        let message = self.messages.recv_timeout(REPLY_TIMEOUT);
        message.context("the browser does not answer")
    }

    fn note(&mut self, message: &Value) {
        let params = &message["params"];
        let complaint = match message["method"].as_str() {
            Some("Page.lifecycleEvent") => {
                if params["name"] == "load" {
                    self.loaded.extend(params["loaderId"].as_str().map(str::to_owned));
                }
                return;
            }
            Some("Network.requestWillBeSent") => {
                let url = params["request"]["url"].as_str().unwrap_or_default();
                if url.starts_with("file:") || url.starts_with("about:") {
                    return;
                }
                format!("asks the network for {url}")
            }
            Some("Runtime.exceptionThrown") => params["exceptionDetails"].to_string(),
            Some("Runtime.consoleAPICalled") => params["args"].to_string(),
            Some("Log.entryAdded") => params["entry"].to_string(),
            _ => return,
        };
        self.complaints.push(complaint);
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Asked first, since its own helpers end with it then; its answer to that is ignored.
        let close = json!({ "id": 0, "method": "Browser.close" });
        let is_asked = write!(self.commands, "{close}\0").is_ok();
        if is_asked {
            while self.messages.recv_timeout(Duration::from_secs(5)).is_ok() {}
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The messages of the browser, as they come, until it ends.
fn reader(answers: ChildStdout) -> Receiver<Value> {
    let (sender, messages) = mpsc::channel();
    thread::spawn(move || {
        for message in BufReader::new(answers).split(0) {
            let message = message.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
            let Some(message) = message else { return };
            if sender.send(message).is_err() {
                return;
            }
        }
    });
    messages
}
