//! Merging sorted logs, beside `sort -m`, and beside reading and parsing the same lines without
//! doing anything with them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::ensure;
use causal_log::sides::{Logs, Merging, merge};
use serde::Deserialize;

use crate::{compare as in_turn, heading};

/// Logs, and the lines of each.
const LOGS: u64 = 4;
const LINES: u64 = 100_000;

#[derive(Clone, Copy)]
enum By {
    Sorted,
    Checked,
    SortM,
    Parsing,
    ParsingToValues,
}

/// What a line says, as a program parses it that knows its fields.
#[derive(Deserialize)]
struct Line<'text> {
    #[serde(borrow)]
    service: Cow<'text, str>,
    #[serde(borrow)]
    event: Option<Cow<'text, str>>,
    time: Option<u64>,
    lamport: u64,
    #[serde(borrow)]
    vector: BTreeMap<Cow<'text, str>, u64>,
    #[serde(borrow)]
    sent: Option<Cow<'text, str>>,
    #[serde(borrow)]
    received: Option<Cow<'text, str>>,
}

pub(crate) fn compare() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let files = logs(folder.path())?;
    heading("bytes of sorted logs a second", ["ours", "theirs"]);
    let subjects = [
        ("merge --sorted, sort -m", By::Sorted, By::SortM),
        ("merge --sorted, parsing alone", By::Sorted, By::Parsing),
        ("merge --sorted, parsing to Value", By::Sorted, By::ParsingToValues),
        ("merge, sort -m", By::Checked, By::SortM),
        ("merge, parsing alone", By::Checked, By::Parsing),
    ];
    for (what, ours, theirs) in subjects {
        in_turn(7, [ours, theirs], |by| run(*by, &files))?.print(what);
    }
    Ok(())
}

fn run(by: By, files: &[PathBuf]) -> anyhow::Result<u64> {
    match by {
        By::Sorted | By::Checked => {
            let logs = Logs::new(files.to_vec(), &[], true)?;
            let how = Merging { sorted: matches!(by, By::Sorted), pretty: false };
            let mut out = BufWriter::with_capacity(1 << 16, nowhere()?);
            merge(&logs, how, &mut out, &|_| ())?;
        }
        By::SortM => {
            let mut sort = Command::new("sort");
            // The stamp is what follows the second colon.
            sort.args(["-m", "-t:", "-k3,3n"]).args(files);
            let ended = sort.env("LC_ALL", "C").stdout(nowhere()?).status()?;
            ensure!(ended.success(), "sort ends with {ended}");
        }
        By::Parsing => parse(files, |text| {
            let line: Line<'_> = serde_json::from_slice(text)?;
            black_box((line.service, line.event, line.time, line.lamport));
            black_box((line.vector, line.sent, line.received));
            Ok(())
        })?,
        By::ParsingToValues => parse(files, |text| {
            black_box(serde_json::from_slice::<serde_json::Value>(text)?);
            Ok(())
        })?,
    }
    let mut bytes = 0;
    for file in files {
        bytes += file.metadata()?.len();
    }
    Ok(bytes)
}

fn parse(files: &[PathBuf], parse: impl Fn(&[u8]) -> serde_json::Result<()>) -> anyhow::Result<()> {
    let mut line = Vec::new();
    for file in files {
        let mut file = BufReader::with_capacity(1 << 16, File::open(file)?);
        while file.read_until(b'\n', &mut line)? > 0 {
            parse(&line)?;
            line.clear();
        }
    }
    Ok(())
}

fn nowhere() -> anyhow::Result<File> {
    Ok(File::options().write(true).open("/dev/null")?)
}

/// A log for each service, whose stamps interleave.
fn logs(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for service in 0..LOGS {
        let file = folder.join(service.to_string());
        let mut log = BufWriter::new(File::create(&file)?);
        for number in 1..=LINES {
            writeln!(
                log,
                concat!(
                    r#"{{"service":"service-{service}","lamport":{lamport},"#,
                    r#""event":"a request has been answered","time":{time},"#,
                    r#""vector":{{"service-{service}":{number}}},"level":"info","status":200}}"#,
                ),
                service = service,
                lamport = number * 3 + service,
                time = 1_772_445_600_000 + number * 7,
                number = number,
            )?;
        }
        log.flush()?;
        files.push(file);
    }
    Ok(files)
}
