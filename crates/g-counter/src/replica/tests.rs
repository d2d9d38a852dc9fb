//! One replica, handed one event at a time.

use super::*;
use worlds::node::Effect;

/// What a handler wants done.
fn effects(handler: impl FnOnce(&mut Outbox<Replica>)) -> Vec<Effect<Replica>> {
    let mut out = Outbox::default();
    handler(&mut out);
    out.take()
}

fn receive(replica: &mut Replica, from: usize, message: Message) -> Vec<Effect<Replica>> {
    effects(|out| replica.receive(from, message, out))
}

fn add(replica: &mut Replica, delta: u64) -> Vec<Effect<Replica>> {
    effects(|out| replica.ask(Client(1), Request::Add { delta }, out))
}

fn send(to: usize, message: Message) -> Effect<Replica> {
    Effect::Send { to, message }
}

const ROUND_IS_SET: Effect<Replica> = Effect::SetTimer { timer: Round, after: ROUND };

#[test]
fn an_increment_is_written_before_it_is_answered() {
    let mut replica = Replica::new(0, 2, &[]);
    let answer = Effect::Answer { client: Client(1), reply: Reply::Added };
    let expected = [Effect::Append(vec![(0, 3)]), answer.clone(), ROUND_IS_SET];
    assert_eq!(add(&mut replica, 3), expected);
    assert_eq!(add(&mut replica, 2), [Effect::Append(vec![(0, 5)]), answer]);
}

#[test]
fn an_entry_is_pushed_in_rounds_until_it_is_acked() {
    let (mut one, mut other) = (Replica::new(0, 2, &[]), Replica::new(1, 2, &[]));
    add(&mut one, 3);
    add(&mut other, 4);
    let push = Message::Push(vec![(0, 3)]);
    for _ in 0..2 {
        let round = effects(|out| one.wake(Round, out));
        assert_eq!(round, [send(1, push.clone()), ROUND_IS_SET]);
    }
    let ack = Message::Ack(vec![(0, 3), (1, 4)]);
    let written = Effect::Append(vec![(0, 3)]);
    assert_eq!(receive(&mut other, 0, push), [written, send(0, ack.clone())]);
    let written = Effect::Append(vec![(1, 4)]);
    assert_eq!(receive(&mut one, 1, ack), [written, Effect::CancelTimer(Round)]);
    assert_eq!(one.counter().entries(), [3, 4], "an ack may bring news");
}

#[test]
fn a_restarted_replica_has_what_it_wrote_and_pushes_it() {
    let records = [vec![(0, 3)], vec![(1, 4), (2, 7)], vec![(0, 5)], vec![(1, 4)]];
    let mut replica = Replica::new(0, 3, &records);
    assert_eq!(replica.counter().entries(), [5, 4, 7]);
    assert_eq!(effects(|out| replica.start(out)), [ROUND_IS_SET]);
}

#[test]
fn an_invalid_message_is_logged_and_changes_nothing() {
    let mut replica = Replica::new(0, 2, &[vec![(0, 3)]]);
    let before = replica.clone();
    for (message, why) in [
        (Message::Push(vec![(7, 1)]), "there is no replica 7"),
        (Message::Push(vec![(1, 1), (0, 9)]), "a peer knows of 9"),
        (Message::Push(vec![(1, u64::MAX)]), "entry 1 would be"),
        (Message::Ack(vec![(7, 1)]), "there is no replica 7"),
        (Message::Ack(vec![(0, 4)]), "a peer knows of 4"),
    ] {
        let done = receive(&mut replica, 1, message);
        let [Effect::Warn(warning)] = &done[..] else {
            panic!("{done:?}");
        };
        let expected = format!("the message of replica 1 is invalid: {why}");
        assert!(warning.starts_with(&expected), "{warning}");
        assert_eq!(replica, before);
    }
}
