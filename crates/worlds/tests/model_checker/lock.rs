//! Lamport's mutual exclusion.

use lock::exclusion::{holders, on_any_links, on_ordered_links};
use lock::mutex::{self, Mutex};
use worlds::node::{Client, Effect, Node, Outbox};
use worlds::nodes::{Nodes, State};

use super::{Holds, Verdict, check, pass_on};

fn excludes(_: &Nodes<Mutex>, state: &State<Mutex>) -> bool {
    holders(state) < 2
}

#[test]
fn the_lock_is_safe_on_ordered_links() {
    let verdict = check(&on_ordered_links(2, 2, 2), excludes);
    assert_eq!(verdict, Verdict::Holds { states: 1_649 });
    let verdict = check(&on_ordered_links(3, 2, 1), excludes);
    assert_eq!(verdict, Verdict::Holds { states: 2_180 });
}

#[test]
fn the_lock_breaks_without_them_and_where_a_request_is_lost() {
    let verdict = check(&on_any_links(2, 2, 1), excludes);
    assert_eq!(verdict, Verdict::Breaks { after: 4 });
    let verdict = check(&on_ordered_links(2, 2, 1).losing(), excludes);
    assert_eq!(verdict, Verdict::Breaks { after: 5 });
}

/// A lock that does not wait for node 0: it takes its acknowledgement for granted.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Hasty(Mutex);

impl Node for Hasty {
    type Message = mutex::Message;
    type Timer = ();
    type Record = ();
    type Request = mutex::Request;
    type Reply = mutex::Reply;

    fn ask(&mut self, client: Client, request: mutex::Request, out: &mut Outbox<Self>) {
        let mut inner = Outbox::default();
        self.0.ask(client, request, &mut inner);
        let effects = inner.take();
        for effect in &effects {
            if let Effect::Send { to: 0, message: mutex::Message::Request(time) } = effect {
                let acknowledged = mutex::Message::Acknowledge(time + 1);
                self.0.receive(0, acknowledged, &mut inner);
            }
        }
        pass_on(effects, out);
        pass_on(inner.take(), out);
    }

    fn receive(&mut self, from: usize, message: mutex::Message, out: &mut Outbox<Self>) {
        let mut inner = Outbox::default();
        self.0.receive(from, message, &mut inner);
        pass_on(inner.take(), out);
    }
}

#[test]
fn a_lock_that_does_not_wait_for_all_is_caught() {
    use mutex::Request::{Acquire, Release};
    let excludes: Holds<Hasty> = |_, state| {
        let holders = state.nodes().filter(|(_, node)| node.0.holds());
        holders.count() < 2
    };
    for (nodes, after) in [(2, 3), (3, 7)] {
        let hasty = Nodes::new(nodes, move |number, _| Hasty(Mutex::new(number, nodes)))
            .one_at_a_time()
            .with_ordered_links()
            .asking(0, [Acquire, Release])
            .asking(1, [Acquire, Release]);
        let verdict = check(&hasty, excludes);
        assert_eq!(verdict, Verdict::Breaks { after });
    }
}
