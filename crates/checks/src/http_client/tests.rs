use super::*;
use crate::sound::{assert_sound, screen_of};

#[test]
fn it_is_sound() {
    assert_sound::<HttpClient>(Arc::new(stub::decide));
}

#[test]
fn the_screen_shows_what_was_sent_what_came_and_the_decision() {
    let ignores = HttpClient::with_bugs(Bugs::one(bugs::Bug::IgnoresRetryAfter));
    let screen = screen_of::<HttpClient>(ignores);
    let expected = "\
http-client   WRONG   first failure: GET and 429 with Retry-After; every case
          before it passes

  sent    GET
  came    429 Too Many Requests
          Retry-After: \"2\"

          want              RetryAfter(2)
          got               Retry                     ◀ first wrong answer

  rule    The server says that the same request may succeed later, and the first
          Retry-After in how many seconds: any number that fits into a u64.
  looks   like \"ignores Retry-After\": the same answers in all 14,160 cases
          compared.
          It waits by its own formula, but the server has said when to come
          again.
  next    cargo run -- hint http-client
          cargo run -- replay http-client:1009
          runs this one case, with your code as it is then
";
    assert_eq!(screen, expected);
    let readme = include_str!("../../../../README.md");
    assert!(readme.contains(expected), "README.md shows this screen as it is");
}

#[test]
fn hostile_decisions_are_shown_in_short() {
    for (decision, words) in [
        (Decision::Follow("a ".repeat(99_999)), "Follow(\"a a a a a a a \" .., 199,998)"),
        (Decision::Follow("\x1b[2J\n".repeat(99_999)), "499,995)"),
    ] {
        let screen = screen_of::<HttpClient>(Arc::new(move |_, _| decision.clone()));
        assert!(screen.contains(words), "{screen}");
    }
}
