//! Zone files: a subset of the master format (RFC 1035, section 5).
//!
//! ```text
//! $ORIGIN example.com.          ; the name that is added to names without a dot at their end
//! $TTL 300                      ; seconds, for records that do not say
//! @      SOA  ns1 admin 1 1800 900 604800 60     ; the first record; @ is the origin
//!        NS   ns1                                ; no owner: the one before
//! ns1    600 IN A 192.0.2.1                      ; a TTL, and the class, in either order
//! note   TXT  "with spaces, and ; in it"         ; in parentheses a record may span lines
//! ```
//!
//! The types are those of [`Kind`]. Left out: `$INCLUDE`, `$GENERATE`, wildcards, escapes with a
//! backslash, and TTLs with units.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::str::FromStr;

use super::Zone;
use crate::name::{Name, NameError};
use crate::record::{Data, Kind, Record, Soa};

/// The longest file, in bytes.
const MAX_FILE: usize = 1 << 20;

/// The most records of a zone.
const MAX_RECORDS: usize = 10_000;

/// The longest TTL, in seconds (RFC 2181, section 8).
const MAX_TTL: u32 = i32::MAX as u32;

/// What is wrong with a zone file.
#[derive(Debug, thiserror::Error)]
pub enum ZoneError {
    /// It cannot be read.
    #[error("cannot read {file}")]
    Unreadable {
        /// Its name.
        file: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A line is wrong.
    #[error("{file}:{line}: {what}")]
    Line {
        /// Its name.
        file: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
}

/// What is wrong with a line, without its place.
type Wrong<T> = Result<T, String>;

/// The text of a file, or of so much of it that it shows as too long.
fn read(path: &Path) -> io::Result<String> {
    // To open a pipe would wait for its writer.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
    }
    let mut text = String::new();
    File::open(path)?.take(MAX_FILE as u64 + 1).read_to_string(&mut text)?;
    Ok(text)
}

impl Zone {
    /// Reads the zone in a file.
    ///
    /// # Errors
    /// [`ZoneError`].
    pub fn read(path: &Path) -> Result<Zone, ZoneError> {
        let file = path.display().to_string();
        let text =
            read(path).map_err(|source| ZoneError::Unreadable { file: file.clone(), source })?;
        Zone::parse(&file, &text)
    }

    /// Reads the zone in a text; errors call it `file`.
    ///
    /// # Errors
    /// [`ZoneError::Line`].
    pub fn parse(file: &str, text: &str) -> Result<Zone, ZoneError> {
        let mut reader = Reader { origin: None, ttl: None, owner: None, zone: None, count: 0 };
        let at = |line, what| ZoneError::Line { file: file.to_owned(), line, what };
        if text.len() > MAX_FILE {
            return Err(at(1, format!("the file is longer than {MAX_FILE} bytes")));
        }
        let mut lines = text.lines().zip(1..);
        while let Some((line, number)) = lines.next() {
            let mut entry =
                Entry { starts_with_space: line.starts_with([' ', '\t']), ..Entry::default() };
            entry.add(line).map_err(|what| at(number, what))?;
            while entry.is_open {
                let Some((line, inner)) = lines.next() else {
                    return Err(at(number, "the parenthesis is not closed".to_owned()));
                };
                entry.add(line).map_err(|what| at(inner, what))?;
            }
            reader.read(&entry).map_err(|what| at(number, what))?;
        }
        let end = text.lines().count().max(1);
        let zone = reader.zone.ok_or_else(|| at(end, "the zone has no SOA record".to_owned()))?;
        zone.check().map_err(|what| at(end, what))?;
        Ok(zone)
    }

    /// What holds of a zone as a whole.
    fn check(&self) -> Wrong<()> {
        if self.servers(&self.top).next().is_none() {
            return Err(format!("{} has no NS record: a zone names its servers", self.top));
        }
        for (name, records) in &self.records {
            let is_alias = records.iter().any(|record| record.kind() == Kind::Cname);
            if is_alias && records.len() > 1 {
                return Err(format!("{name} is an alias (CNAME), so it has no other records"));
            }
            for server in self.servers(name).filter(|server| server.is_within(name)) {
                if self.find(server, Kind::A).next().is_none() {
                    return Err(format!(
                        "{server} serves {name} and lies below it, so its address has to stand here"
                    ));
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, record: Record) -> Wrong<()> {
        if !record.name.is_within(&self.top) {
            return Err(format!("{} does not lie in the zone {}", record.name, self.top));
        }
        let records = self.records.entry(record.name.clone()).or_default();
        let (name, kind) = (&record.name, record.kind());
        if records.iter().any(|other| other.data == record.data) {
            return Err(format!("{name} has this record already"));
        }
        // They are answered and kept together (RFC 2181, section 5.2).
        let differs = |other: &&Record| other.kind() == kind && other.ttl != record.ttl;
        if let Some(Record { ttl, .. }) = records.iter().find(differs) {
            return Err(format!("the {kind} records of {name} have one TTL, {ttl}"));
        }
        let above = record.name.and_above().take_while(|name| name.is_within(&self.top));
        self.names.extend(above);
        records.push(record);
        Ok(())
    }
}

/// A line, or those up to the parenthesis that closes: its words, without comments.
#[derive(Default)]
struct Entry {
    starts_with_space: bool,
    is_open: bool,
    words: Vec<String>,
}

impl Entry {
    fn add(&mut self, line: &str) -> Wrong<()> {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            rest = match first {
                ';' => return Ok(()),
                '(' | ')' if self.is_open == (first == '(') => {
                    return Err(format!("a `{first}` that does not belong there"));
                }
                '(' | ')' => {
                    self.is_open = first == '(';
                    &rest[1..]
                }
                '"' => {
                    let quoted = rest[1..].split_once('"');
                    let (text, after) = quoted.ok_or("the quotation mark is not closed")?;
                    self.words.push(format!("\"{text}"));
                    after
                }
                _ => {
                    let ends = |char: char| char.is_whitespace() || ";()\"".contains(char);
                    let (word, after) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
                    self.words.push(word.to_owned());
                    after
                }
            }
            .trim_start();
        }
        Ok(())
    }
}

/// What the lines before say of the next.
struct Reader {
    origin: Option<Name>,
    ttl: Option<u32>,
    owner: Option<Name>,
    zone: Option<Zone>,
    count: usize,
}

impl Reader {
    fn read(&mut self, entry: &Entry) -> Wrong<()> {
        let words: Vec<&str> = entry.words.iter().map(String::as_str).collect();
        match words[..] {
            [] => Ok(()),
            ["$ORIGIN", origin] if origin.ends_with('.') => {
                self.origin = Some(name(origin)?);
                Ok(())
            }
            ["$ORIGIN", ..] => Err("$ORIGIN takes one name with a dot at its end".to_owned()),
            ["$TTL", seconds] => {
                self.ttl = Some(ttl(seconds)?);
                Ok(())
            }
            [first, ..] if first.starts_with('$') => {
                Err(format!("{first} is not one of $ORIGIN and $TTL, with one value each"))
            }
            [..] => self.record(entry.starts_with_space, &words),
        }
    }

    fn record(&mut self, has_no_owner: bool, words: &[&str]) -> Wrong<()> {
        let mut words = words.iter().copied();
        if !has_no_owner {
            let owner = words.next().unwrap_or_default();
            self.owner = Some(self.absolute(owner)?);
        }
        let owner = self.owner.clone().ok_or("the first record has no owner before it")?;
        let mut own_ttl = None;
        let kind = loop {
            let word = words.next().ok_or("a type is missing: A, AAAA, CNAME, NS, SOA or TXT")?;
            match word {
                "IN" | "in" => {}
                number if number.starts_with(|c: char| c.is_ascii_digit()) => {
                    own_ttl = Some(ttl(number)?);
                }
                other => {
                    let unknown =
                        || format!("`{other}` is not a type: A, AAAA, CNAME, NS, SOA or TXT");
                    break Kind::from_str(other).map_err(|()| unknown())?;
                }
            }
        };
        let ttl = own_ttl.or(self.ttl).ok_or("it has no TTL, and no $TTL stands before it")?;
        let data = self.data(kind, &words.collect::<Vec<_>>())?;
        self.add(Record { name: owner, ttl, data })
    }

    fn add(&mut self, record: Record) -> Wrong<()> {
        self.count += 1;
        if self.count > MAX_RECORDS {
            return Err(format!("a zone has at most {MAX_RECORDS} records"));
        }
        let is_soa = record.kind() == Kind::Soa;
        let zone = match &mut self.zone {
            Some(_) if is_soa => return Err("a zone has one SOA record".to_owned()),
            Some(zone) => zone,
            None if is_soa => {
                let (records, names) = Default::default();
                self.zone.insert(Zone { top: record.name.clone(), records, names })
            }
            None => return Err("the first record of a zone is its SOA record".to_owned()),
        };
        zone.add(record)
    }

    fn data(&self, kind: Kind, words: &[&str]) -> Wrong<Data> {
        let wanted = match (kind, words) {
            (Kind::A, [word]) => return address(word, "IPv4").map(Data::A),
            (Kind::Aaaa, [word]) => return address(word, "IPv6").map(Data::Aaaa),
            (Kind::Cname, [word]) => return self.absolute(word).map(Data::Cname),
            (Kind::Ns, [word]) => return self.absolute(word).map(Data::Ns),
            (Kind::Txt, [_, ..]) => {
                let strings = words.iter().map(|word| word.strip_prefix('"').unwrap_or(word));
                return Ok(Data::Txt(strings.collect()));
            }
            (Kind::Soa, [server, mailbox, numbers @ ..]) if numbers.len() == 5 => {
                return self.soa(server, mailbox, numbers);
            }
            (Kind::A | Kind::Aaaa, _) => "one address",
            (Kind::Cname | Kind::Ns, _) => "one name",
            (Kind::Txt, _) => "one text or more",
            (Kind::Soa, _) => "a server, a mailbox and five numbers",
        };
        Err(format!("{kind} takes {wanted}"))
    }

    fn soa(&self, server: &str, mailbox: &str, numbers: &[&str]) -> Wrong<Data> {
        let mut parsed = [0; 5];
        for (number, word) in parsed.iter_mut().zip(numbers) {
            *number = word.parse().map_err(|_| format!("`{word}` is not a number below 2^32"))?;
        }
        let [serial, refresh, retry, expire, negative_ttl] = parsed;
        Ok(Data::Soa(Soa {
            server: self.absolute(server)?,
            mailbox: self.absolute(mailbox)?,
            serial,
            copies: [refresh, retry, expire],
            negative_ttl,
        }))
    }

    /// A name as it stands in the file: absolute with a dot at its end, else below the origin.
    fn absolute(&self, word: &str) -> Wrong<Name> {
        if word.ends_with('.') {
            return name(word);
        }
        let origin = self.origin.as_ref().ok_or("$ORIGIN has to stand before the first name")?;
        match word {
            "@" => Ok(origin.clone()),
            _ => Name::join(&name(word)?, origin).map_err(|error| not_a_name(word, &error)),
        }
    }
}

fn name(word: &str) -> Wrong<Name> {
    word.parse().map_err(|error| not_a_name(word, &error))
}

fn not_a_name(word: &str, error: &NameError) -> String {
    // A name of a whole line would hide the reason.
    const SHOWN: usize = 40;
    let shown: String = word.trim_start_matches('"').chars().take(SHOWN).collect();
    let more = if word.chars().count() > SHOWN { "…" } else { "" };
    format!("`{shown}{more}` is not a name: {error}")
}

fn ttl(word: &str) -> Wrong<u32> {
    let parsed = word.parse().ok().filter(|ttl| *ttl <= MAX_TTL);
    parsed.ok_or_else(|| format!("`{word}` is not a TTL: whole seconds, {MAX_TTL} at most"))
}

fn address<T: FromStr>(word: &str, version: &str) -> Wrong<T> {
    word.parse().map_err(|_| format!("`{word}` is not an {version} address"))
}
