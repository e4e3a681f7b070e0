//! Fair shares of run time among those that have work (start-time fair queueing, Goyal et al., SIGCOMM 1996).
//!
//! Turns by count would let a lane of 200 ms jobs delay each of a neighbour's 1 ms jobs by 200 ms. By time, the neighbour runs until it has had as much.

use crate::clock::Nanos;

/// The run time of a member.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Account {
    /// What it has had. Raised to what the others have had whenever it comes back from having nothing to do.
    used: Nanos,
    /// What those of its jobs that run now are expected to take. Apart from `used`, because an estimate may be wrong by any factor, and the floor never falls again.
    charged: Nanos,
}

impl Account {
    /// Charges a job in advance, so that two runners do not take two jobs in a row from the same member.
    pub(crate) fn charge(&mut self, expected: Nanos) {
        self.charged = self.charged.saturating_add(expected);
    }

    /// Replaces what was charged by what it took.
    pub(crate) fn settle(&mut self, expected: Nanos, run: Nanos) {
        self.charged = self.charged.saturating_sub(expected);
        self.used = self.used.saturating_add(run);
    }

    fn total(self) -> Nanos {
        self.used.saturating_add(self.charged)
    }
}

/// The members that have runnable work, and the service that the last chosen one had had.
#[derive(Debug)]
pub(crate) struct Fair<K> {
    members: Vec<K>,
    floor: Nanos,
}

impl<K> Default for Fair<K> {
    fn default() -> Self {
        Self { members: Vec::new(), floor: 0 }
    }
}

impl<K: Copy + PartialEq> Fair<K> {
    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Adds a member that had nothing to do. Its account is raised to the floor: idle time is not saved up.
    pub(crate) fn join(&mut self, member: K, account: &mut Account) {
        account.used = account.used.max(self.floor);
        self.members.push(member);
    }

    pub(crate) fn leave(&mut self, member: K) {
        self.members.retain(|other| *other != member);
    }

    /// The member that has used least. A scan: members are the isolates of a process, or the busy lanes of one isolate.
    pub(crate) fn choose(&mut self, account: impl Fn(K) -> Account) -> Option<K> {
        // Alone, as nearly always: no comparison.
        let member = match self.members[..] {
            [only] => only,
            _ => self.members.iter().copied().min_by_key(|member| account(*member).total())?,
        };
        self.floor = self.floor.max(account(member).used);
        Some(member)
    }

    /// A job of a member has ended. With nobody waiting there is nobody to be owed anything: who comes next starts level with the one that ran.
    pub(crate) fn ended(&mut self, account: Account) {
        if self.members.is_empty() {
            self.floor = self.floor.max(account.used);
        }
    }
}
