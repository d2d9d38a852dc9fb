//! Choices: drawn, or all of them one after the other.

use common::random::Rng;

/// Chooses a number below the one that it is given.
pub(crate) trait Choose {
    fn choose(&mut self, below: usize) -> usize;
}

impl Choose for Rng {
    fn choose(&mut self, below: usize) -> usize {
        self.below(below as u64) as usize
    }
}

/// Chooses everything, one combination after the other.
#[derive(Default)]
pub(crate) struct Every {
    /// What is chosen, and below what.
    path: Vec<(usize, usize)>,
    at: usize,
}

impl Every {
    /// Goes on to the next combination. `false` when there is none.
    pub(crate) fn next(&mut self) -> bool {
        self.at = 0;
        while let Some((chosen, below)) = self.path.pop() {
            if chosen + 1 < below {
                self.path.push((chosen + 1, below));
                return true;
            }
        }
        false
    }
}

impl Choose for Every {
    fn choose(&mut self, below: usize) -> usize {
        assert!(below > 0, "there is something to choose");
        if self.at == self.path.len() {
            self.path.push((0, below));
        }
        self.at += 1;
        self.path[self.at - 1].0
    }
}
