//! The voice of a lesson, block by block.

use std::io::{self, BufRead, BufReader, Write};

use textwrap::core::display_width;

use crate::event::Events;
use crate::exit::quit;
use crate::guess::{Answer, Verdict, read_line};
use crate::terminal::{BOLD, DIM, QUESTION, RIGHT, Terminal, WRONG, forget_type_ahead};
use crate::text::{escaped, hanging};
use crate::{Args, Table};

/// Columns that an answer typed behind its question wants.
const ROOM_TO_TYPE: usize = 16;

/// Rows that the prompt of a pause takes, with the empty one above it.
const PAUSE: usize = 2;

/// Narrates a lesson: a title, steps, and in them paragraphs, events, tables and predictions.
///
/// Blocks stand apart by an empty line, but consecutive events and bullets do not. A reader at a
/// terminal never gets more than a screenful without a pause. Everywhere a sentence is taken,
/// `**term**` marks a term that it defines: bold where there is colour.
///
/// ```
/// use narration::Narrator;
///
/// let mut screen = Vec::new();
/// let mut narrator = Narrator::plain(80, &mut screen);
/// narrator.step("Bytes, not messages", "real sockets")?;
/// narrator.event("client", "write", "6f 6e 65   \"one\"")?;
/// narrator.event("client", "write", "74 77 6f   \"two\"")?;
/// narrator.predict("How many bytes does one read return?", 6, "A read takes what is there.")?;
/// drop(narrator);
/// assert_eq!(String::from_utf8_lossy(&screen), "
///  1  Bytes, not messages ────────────────────────────────────── real sockets ──
///
///       client   write    6f 6e 65   \"one\"
///       client   write    74 77 6f   \"two\"
///
///     ? How many bytes does one read return?
///       6. A read takes what is there.
/// ".trim_start_matches('\n'));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Every method fails if the output cannot be written, or, where it asks, if the reader quits;
/// [`run`](crate::run) distinguishes the two from other errors.
pub struct Narrator<'io> {
    output: Box<dyn Write + 'io>,
    /// The reader who is asked: none off a terminal, and none after the end of input.
    reader: Option<Box<dyn BufRead + 'io>>,
    terminal: Terminal,
    steps: usize,
    last: Block,
    events: Events,
    /// Rows written since the reader was last waited for.
    unread: usize,
    /// An announcement stands in the last row, and the next block takes its place.
    announced: bool,
}

/// What was written last, and so whether an empty line comes next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    /// Nothing, or an empty line.
    Space,
    Bullet,
    Other,
}

impl Narrator<'static> {
    /// On stdout, as the flags, the environment and the terminal ask: `NO_COLOR`, `TERM`,
    /// `COLUMNS`, `CI`, the locale.
    pub fn new(args: &Args) -> Self {
        let terminal = Terminal::of_process(args);
        let reader = terminal.interactive.then(keyboard);
        Narrator::on(terminal, Box::new(io::stdout()), reader)
    }
}

impl<'io> Narrator<'io> {
    /// Into `output`, as into a pipe of that width: no colour, no questions.
    pub fn plain(width: usize, output: impl Write + 'io) -> Self {
        Narrator::on(Terminal::plain(width), Box::new(output), None)
    }

    fn on(
        terminal: Terminal,
        output: Box<dyn Write + 'io>,
        reader: Option<Box<dyn BufRead + 'io>>,
    ) -> Self {
        Narrator {
            output,
            reader,
            terminal,
            steps: 0,
            last: Block::Space,
            events: Events::new(),
            unread: 0,
            announced: false,
        }
    }

    /// Whether the terminal shows colours, and the reader wants them.
    pub fn is_coloured(&self) -> bool {
        self.terminal.colour
    }

    /// Whether a reader is there to be asked.
    pub fn is_interactive(&self) -> bool {
        self.reader.is_some()
    }

    /// Opens a lesson: its name, and the question that it answers. For a reader who will be asked
    /// it explains how that goes.
    pub fn title(&mut self, lesson: &str, question: &str) -> io::Result<()> {
        let lesson = self.terminal.paragraph(" ", &format!("**{lesson}**"));
        let question = self.terminal.paragraph(" ", question);
        self.show(Block::Other, &format!("{lesson}{question}"))?;
        if !self.is_interactive() {
            return Ok(());
        }
        let how = "A line with ? asks for a guess. Enter shows the answer, q Enter quits.";
        let how = self.terminal.paragraph(" ", how);
        self.show(Block::Other, &self.terminal.paint(DIM, &how))
    }

    /// Opens a step, after a [pause](Narrator::pause) if it is not the first; it numbers itself.
    /// `world` says what kind of truth is shown: "real sockets", "virtual time", "real threads",
    /// "computed".
    pub fn step(&mut self, heading: &str, world: &str) -> io::Result<()> {
        if self.steps > 0 {
            self.pause("goes on")?;
        }
        self.settle_events()?;
        self.steps += 1;
        self.events = Events::new();
        let heading = self.heading(&format!("{:2}  ", self.steps), heading, world);
        self.show(Block::Other, &heading)
    }

    /// A paragraph.
    pub fn say(&mut self, text: &str) -> io::Result<()> {
        let text = self.terminal.paragraph("    ", text);
        self.show(Block::Other, &text)
    }

    /// One item of a short list.
    pub fn bullet(&mut self, text: &str) -> io::Result<()> {
        let text = self.terminal.paragraph("    - ", text);
        self.show(Block::Bullet, &text)
    }

    /// One thing that happened: who did what, and to what. Consecutive events line up, so they show
    /// when the last of them is there.
    pub fn event(&mut self, who: &str, does: &str, what: &str) -> io::Result<()> {
        self.events.push([who, does, what]);
        Ok(())
    }

    /// The rows of the screen; 24 where they are not known.
    pub fn height(&self) -> usize {
        self.terminal.height
    }

    /// The columns of the screen, for a diagram that fits itself to it.
    pub fn width(&self) -> usize {
        self.terminal.width
    }

    /// Lines shown as they are: a space-time diagram, a request, a map. `**words**` are bold, as
    /// everywhere. What is too wide for the screen goes on below.
    pub fn picture(&mut self, lines: &str) -> io::Result<()> {
        let lines: Vec<_> =
            lines.lines().map(|line| self.terminal.emphasised_line(&escaped(line))).collect();
        let widest = lines.iter().map(|line| display_width(line)).max().unwrap_or(0);
        let indent = self.terminal.width.saturating_sub(widest).min(4);
        let shown: String = lines
            .iter()
            .map(|line| hanging(&" ".repeat(indent), indent, line, self.terminal.width))
            .collect();
        self.show(Block::Other, &shown)
    }

    /// A table; records of `heading: value` where it does not fit.
    pub fn table(&mut self, table: &Table) -> io::Result<()> {
        let table = table.draw(&self.terminal);
        self.show(Block::Other, &table)
    }

    /// Asks what will be seen, then shows what was: `answer` is the observed value, and the guess
    /// is judged by it, kindly (see [`Answer`]). Words where a number is wanted are asked for
    /// again. Off a terminal the question stands there with its answer.
    pub fn predict(
        &mut self,
        question: &str,
        answer: impl Into<Answer>,
        why: &str,
    ) -> io::Result<()> {
        let answer = answer.into();
        let mut guess = self.ask(question, answer.wanted())?;
        while guess.as_ref().is_some_and(|guess| judge(&answer, guess) == Verdict::NoNumber) {
            let again = "A number, please, or Enter alone to see it.";
            let again = self.terminal.paragraph("      ", again);
            self.lines(&self.prompt(again, ""))?;
            guess = self.reply()?;
        }
        let sign = match guess.map(|guess| judge(&answer, &guess)) {
            Some(Verdict::Right) => self.terminal.paint(RIGHT, "✓"),
            Some(Verdict::Wrong) => self.terminal.paint(WRONG, "✗"),
            _ => " ".to_owned(),
        };
        let text = format!("**{}**. {why}", answer.shown());
        self.lines(&self.terminal.paragraph(&format!("    {sign} "), &text))
    }

    /// Asks for a yes, and returns whether there was one. Off a terminal there is no answer.
    pub fn confirm(&mut self, question: &str) -> io::Result<bool> {
        let reply = self.ask(&format!("{question} [y/N]"), "")?;
        Ok(reply.is_some_and(|reply| ["y", "yes"].contains(&reply.to_lowercase().as_str())))
    }

    /// Shows a line that the next block or announcement replaces. Call it before what takes longer
    /// than half a second. Where a terminal cannot take lines back, it stays; off a terminal there
    /// is none.
    pub fn announce(&mut self, line: &str) -> io::Result<()> {
        if !self.is_interactive() {
            return Ok(());
        }
        if !self.terminal.erases {
            return self.say(line);
        }
        self.settle_events()?;
        let close = if self.announced || self.last == Block::Space { "" } else { "\n" };
        // A line that goes on below could not be taken back.
        let line: String = format!("    {line}").chars().take(self.terminal.width - 1).collect();
        let line = self.terminal.paint(DIM, &line);
        self.write(&format!("{close}{line}"))?;
        (self.announced, self.last) = (true, Block::Space);
        Ok(())
    }

    /// Shows a line like [`announce`](Narrator::announce), which may change while nothing happens:
    /// where a terminal cannot take lines back, none is shown. An empty one takes it back.
    pub fn status(&mut self, line: &str) -> io::Result<()> {
        match line {
            _ if !self.terminal.erases => Ok(()),
            "" => self.write(""),
            line => self.announce(line),
        }
    }

    /// From here on a full screen is no reason to pause: for a program that reads the keyboard.
    pub fn scroll(&mut self) {
        self.terminal.height = usize::MAX;
    }

    /// Waits for Enter where a reader is there: "Enter `goes_on`, q Enter quits". The line is taken
    /// back afterwards.
    pub fn pause(&mut self, goes_on: &str) -> io::Result<()> {
        self.pause_or(goes_on, "q Enter quits")
    }

    /// Like [`pause`](Narrator::pause), where quitting has a name of its own: "Enter `goes_on`,
    /// `or`".
    pub fn pause_or(&mut self, goes_on: &str, or: &str) -> io::Result<()> {
        self.settle_events()?;
        if !self.is_interactive() {
            return Ok(());
        }
        let prompt = self.terminal.paint(DIM, &format!("    Enter {goes_on}, {or}"));
        let has_gap = self.last != Block::Space;
        forget_type_ahead();
        self.write(&format!("{}{prompt} ", if has_gap { "\n" } else { "" }))?;
        let reply = self.reply()?;
        if self.terminal.erases && reply.is_some() {
            self.write(if has_gap { "\x1b[A\x1b[2K\x1b[A" } else { "\x1b[A\x1b[2K" })?;
        } else {
            self.last = Block::Other;
        }
        Ok(())
    }

    /// Closes the lesson: one sentence to remember, and the question that the next lesson answers,
    /// if there is one.
    pub fn remember(&mut self, sentence: &str, next_question: &str) -> io::Result<()> {
        let heading = self.heading(" ", "Remember", "");
        self.show(Block::Other, &heading)?;
        self.say(sentence)?;
        if next_question.is_empty() { Ok(()) } else { self.say(&format!("Next: {next_question}")) }
    }

    /// ` 2  Bytes, not messages ───── real sockets ──`, or without the rule where that is too wide.
    fn heading(&self, number: &str, heading: &str, world: &str) -> String {
        let (heading, world) = (escaped(heading), escaped(world));
        let end = if world.is_empty() { "──".to_owned() } else { format!(" {world} ──") };
        let taken = display_width(number) + display_width(&heading) + 1 + display_width(&end);
        let rule = self.terminal.width.saturating_sub(taken + 2);
        if rule > 2 {
            let rule = format!("{}{end}", "─".repeat(rule));
            return format!(
                "{number}{} {}\n",
                self.terminal.paint(BOLD, &heading),
                self.terminal.paint(DIM, &rule)
            );
        }
        let mut text = self.terminal.paragraph(number, &format!("**{heading}**"));
        if !world.is_empty() {
            text += &self.terminal.paragraph("    ", &format!("({world})"));
        }
        text
    }

    /// Shows the question, and returns the guess where a reader is there to make one.
    fn ask(&mut self, question: &str, wanted: &str) -> io::Result<Option<String>> {
        let sign = self.terminal.paint(QUESTION, "?");
        let mut text = self.terminal.paragraph(&format!("    {sign} "), question);
        if !self.is_interactive() {
            self.show(Block::Other, &text)?;
            return Ok(None);
        }
        text = self.prompt(text, wanted);
        self.show(Block::Other, &text)?;
        self.reply()
    }

    /// The text with a prompt behind it, or below it where there is no room to type.
    fn prompt(&self, mut text: String, wanted: &str) -> String {
        let last_line = text.lines().last().map_or(0, display_width);
        if last_line + wanted.len() + ROOM_TO_TYPE <= self.terminal.width {
            text.pop();
        } else {
            text += "    ";
        }
        let wanted = match wanted {
            "" => String::new(),
            kind => format!("{} ", self.terminal.paint(DIM, kind)),
        };
        format!("{text}  {wanted}> ")
    }

    /// What the reader types after a prompt; `None` from the end of input on. The cursor is at the
    /// beginning of a line then.
    fn reply(&mut self) -> io::Result<Option<String>> {
        let Some(reader) = &mut self.reader else {
            return Ok(None);
        };
        let line = read_line(reader)?;
        self.unread = 0;
        match &line {
            None => {
                self.reader = None;
                self.write("\n")?;
            }
            Some(line) if ["q", "quit", "exit"].contains(&&*line.to_lowercase()) => {
                return Err(quit());
            }
            Some(_) => {}
        }
        Ok(line)
    }

    fn settle_events(&mut self) -> io::Result<()> {
        let events = self.events.draw(self.terminal.width);
        if events.is_empty() { Ok(()) } else { self.block(Block::Other, &events) }
    }

    /// Writes a block after the events that wait.
    fn show(&mut self, block: Block, text: &str) -> io::Result<()> {
        self.settle_events()?;
        self.block(block, text)
    }

    fn block(&mut self, block: Block, text: &str) -> io::Result<()> {
        let rows = text.lines().count() + 1;
        let room = self.terminal.height.saturating_sub(PAUSE);
        if rows <= room && self.unread + rows > room {
            self.pause("goes on")?;
        }
        let close =
            self.last == Block::Space || (self.last, block) == (Block::Bullet, Block::Bullet);
        if !close {
            self.lines("\n")?;
        }
        self.last = block;
        self.lines(text)
    }

    /// Writes lines, with a pause wherever the screen is full.
    fn lines(&mut self, text: &str) -> io::Result<()> {
        for line in text.split_inclusive('\n') {
            if self.unread + PAUSE >= self.terminal.height {
                self.pause("goes on")?;
            }
            self.unread += 1;
            if !line.ends_with('\n') {
                // A prompt: after it, what is typed is the answer.
                forget_type_ahead();
            }
            self.write(line)?;
        }
        Ok(())
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        let taken_back = if std::mem::take(&mut self.announced) { "\r\x1b[2K" } else { "" };
        let text = self.terminal.encode(text);
        let text = format!("{taken_back}{text}");
        let written = self.output.write_all(text.as_bytes()).and_then(|()| self.output.flush());
        written.map_err(|error| {
            io::Error::new(error.kind(), format!("cannot write to the screen: {error}"))
        })
    }
}

impl Drop for Narrator<'_> {
    /// Writes the events that wait. A caller that has to know whether that works writes another
    /// block after them.
    fn drop(&mut self) {
        let _ = self.settle_events();
    }
}

/// Enter alone is no guess.
fn judge(answer: &Answer, guess: &str) -> Verdict {
    if guess.is_empty() { Verdict::Unclear } else { answer.judge(guess) }
}

/// What the reader types. It is locked while a line is read, and not for good: a program that
/// narrates may read standard input for a purpose of its own, and would wait for itself.
fn keyboard() -> Box<dyn BufRead> {
    Box::new(BufReader::new(io::stdin()))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::exit::is_quiet;

    const AT_TERMINAL: Terminal =
        Terminal { interactive: true, erases: true, ..Terminal::plain(80) };

    /// What is on the screen when a reader has typed this, and how it ended.
    fn narrated(typed: &str, terminal: Terminal) -> (String, anyhow::Result<()>) {
        let mut screen = Vec::new();
        let mut narrator =
            Narrator::on(terminal, Box::new(&mut screen), Some(Box::new(typed.as_bytes())));
        let end = story(&mut narrator).map_err(anyhow::Error::from);
        drop(narrator);
        (String::from_utf8(screen).unwrap(), end)
    }

    fn story(narrator: &mut Narrator<'_>) -> io::Result<()> {
        narrator.step("One", "computed")?;
        narrator.predict("How many?", 6, "So it is.")?;
        narrator.event("client", "write", "one")?;
        narrator.step("Two", "computed")?;
        narrator.say("The **end**.")
    }

    #[test]
    fn a_guess_is_graded_and_the_pause_taken_back() {
        let (screen, end) = narrated("6 bytes\n\n", AT_TERMINAL);
        end.unwrap();
        assert_eq!(
            screen,
            " 1  One ────────────────────────────────────────────────────────── computed ──\n\
             \n    ? How many?  a number >     ✓ 6. So it is.\n\
             \n      client   write    one\n\
             \n    Enter goes on, q Enter quits \x1b[A\x1b[2K\x1b[A\
             \n 2  Two ────────────────────────────────────────────────────────── computed ──\n\
             \n    The end.\n"
        );
    }

    #[test]
    fn a_wrong_guess_is_marked_and_none_is_not_graded() {
        assert!(narrated("3\n\n", AT_TERMINAL).0.contains(">     ✗ 6. So"));
        assert!(narrated("\n\n", AT_TERMINAL).0.contains(">       6. So"));
    }

    #[test]
    fn words_for_a_number_are_asked_for_again() {
        let (screen, end) = narrated("all\nreally all\nsix\n\n", AT_TERMINAL);
        end.unwrap();
        let again = "      A number, please, or Enter alone to see it.  > ";
        assert!(screen.contains(&format!("a number > {again}{again}    ✓ 6. So")), "{screen}");
        assert!(narrated("it depends\n\n", AT_TERMINAL).0.contains(">       6. So"));
        assert!(narrated("all\n", AT_TERMINAL).0.contains("6. So it is.\n"), "the input ends");
    }

    /// What a reader has seen of a long story, pause by pause.
    fn screenfuls(height: usize, story: impl Fn(&mut Narrator<'_>)) -> Vec<String> {
        let terminal = Terminal { height, ..AT_TERMINAL };
        let mut screen = Vec::new();
        let input = "\n".repeat(100);
        let mut narrator =
            Narrator::on(terminal, Box::new(&mut screen), Some(Box::new(input.as_bytes())));
        story(&mut narrator);
        drop(narrator);
        let screen = String::from_utf8(screen).unwrap();
        screen.split("    Enter goes on, q Enter quits ").map(str::to_owned).collect()
    }

    #[test]
    fn a_reader_never_gets_more_than_a_screenful() {
        let long: String = (0..50).map(|line| format!("line {line}\n")).collect();
        for height in 8..60 {
            let seen = screenfuls(height, |narrator| {
                narrator.say("Five lines of prose. ".repeat(16).as_str()).unwrap();
                narrator.picture("a short\npicture").unwrap();
                narrator.picture(&long).unwrap();
                narrator.predict("How many?", 6, &"So it is. ".repeat(200)).unwrap();
                narrator.say("The end.").unwrap();
            });
            for screenful in seen.iter().flat_map(|seen| seen.split("a number > ")) {
                assert!(screenful.lines().count() < height, "{height} rows: {screenful}");
            }
            let mut all = seen.concat();
            for taken_back in ["\n\x1b[A\x1b[2K\x1b[A", "\x1b[A\x1b[2K"] {
                all = all.replace(taken_back, "");
            }
            assert!(all.contains(&long.replace("line", "    line")), "{height} rows: {all}");
        }
    }

    #[test]
    fn a_block_that_would_fit_alone_is_not_torn() {
        let seen = screenfuls(10, |narrator| {
            narrator.picture("1\n2\n3\n4").unwrap();
            narrator.picture("1\n2\n3\n4").unwrap();
        });
        assert_eq!(seen[0], "    1\n    2\n    3\n    4\n\n");
        assert_eq!(seen[1], "\x1b[A\x1b[2K\x1b[A\n    1\n    2\n    3\n    4\n");
    }

    #[test]
    fn an_announcement_is_taken_back() {
        let seen = screenfuls(24, |narrator| {
            narrator.say("Before.").unwrap();
            narrator.announce("Searching, about 2 s").unwrap();
            narrator.announce("Searching, about 1 s").unwrap();
            narrator.say("After.").unwrap();
        });
        let [seen] = &seen[..] else { panic!("one screenful") };
        assert_eq!(
            seen,
            "    Before.\n\n    Searching, about 2 s\
             \r\x1b[2K    Searching, about 1 s\r\x1b[2K    After.\n"
        );
        let mut pipe = Vec::new();
        Narrator::plain(80, &mut pipe).announce("Searching").unwrap();
        assert_eq!(pipe, b"");
    }

    #[test]
    fn a_status_changes_and_is_taken_back_by_an_empty_one() {
        let status = |terminal| {
            let (mut screen, keys) = (Vec::new(), Box::new(io::empty()));
            let mut narrator = Narrator::on(terminal, Box::new(&mut screen), Some(keys));
            for line in ["now", "a minute ago", "", ""] {
                narrator.status(line).unwrap();
            }
            drop(narrator);
            String::from_utf8(screen).unwrap()
        };
        assert_eq!(status(AT_TERMINAL), "    now\r\x1b[2K    a minute ago\r\x1b[2K");
        assert_eq!(status(Terminal { erases: false, ..AT_TERMINAL }), "");
    }

    #[test]
    fn a_screen_that_scrolls_is_never_paused_on() {
        let seen = screenfuls(8, |narrator| {
            narrator.scroll();
            narrator.picture(&"line\n".repeat(50)).unwrap();
            narrator.pause_or("notes it", "q Enter leaves it").unwrap();
        });
        let [seen] = &seen[..] else { panic!("it was paused") };
        assert!(seen.contains("line\n\n    Enter notes it, q Enter leaves it "), "{seen}");
    }

    #[test]
    fn a_dumb_terminal_takes_nothing_back() {
        let dumb = Terminal { erases: false, ..AT_TERMINAL };
        assert!(narrated("6\n\n", dumb).0.contains("q Enter quits \n 2  Two"));
    }

    #[test]
    fn the_end_of_input_goes_straight_through() {
        let (screen, end) = narrated("", AT_TERMINAL);
        end.unwrap();
        assert!(screen.contains("How many?  a number > \n      6. So it is.\n"));
        assert!(screen.ends_with("The end.\n") && !screen.contains("Enter"));
    }

    #[test]
    fn q_is_a_quiet_end() {
        for typed in ["q\n", "6\nQ\n", "quit\n", "6\nexit\n", "many\nq\n"] {
            let (screen, end) = narrated(typed, AT_TERMINAL);
            assert!(is_quiet(&end.unwrap_err()));
            assert!(!screen.contains("Two"));
        }
    }

    #[test]
    fn colour_adds_codes_and_nothing_else() {
        let colour = Terminal { colour: true, ..AT_TERMINAL };
        let (mut coloured, end) = narrated("3\n\n", colour);
        end.unwrap();
        while let Some(code) = coloured.find("\x1b[") {
            let end = code + coloured[code..].find(['m', 'A', 'K']).unwrap();
            coloured.replace_range(code..=end, "");
        }
        let plain = narrated("3\n\n", AT_TERMINAL).0;
        assert_eq!(coloured, plain.replace("\x1b[A\x1b[2K\x1b[A", ""));
    }

    #[test]
    fn a_narrator_that_asks_does_not_lock_standard_input() {
        let _keyboard = keyboard();
        let (locked, is_locked) = mpsc::channel();
        // Of one thread it would wait for itself, and this test with it.
        thread::spawn(move || {
            drop(io::stdin().lock());
            locked.send(()).unwrap();
        });
        let waited = is_locked.recv_timeout(Duration::from_secs(60));
        waited.expect("standard input is not locked");
    }
}
