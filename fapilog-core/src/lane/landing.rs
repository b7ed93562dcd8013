//! What becomes of a batch after an attempt: decided here, and done by the lane.

use std::time::Duration;

use super::{BatchError, Retry, batch_error::Failed, exit::Reason};
use crate::error::{Action, SinkError};

/// What came of an attempt.
#[derive(Debug)]
pub(super) enum Landing {
    Written(Result<(), BatchError>),
    /// How far it got nobody can tell.
    Panicked(String),
}

/// Events of a batch with which the same is to be done.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) action: Action,
    /// How long the destination wants to be left alone.
    pub(super) after: Option<Duration>,
    /// Their indices, in order; all if there are none.
    pub(super) indices: Option<Vec<usize>>,
}

impl Group {
    fn all(error: &SinkError) -> Self {
        Self {
            action: error.action(),
            after: error.delay(),
            indices: None,
        }
    }

    pub(super) fn has(&self, index: usize) -> bool {
        let indices = self.indices.as_ref();
        indices.is_none_or(|indices| indices.binary_search(&index).is_ok())
    }

    /// How many they are, of a batch of so many.
    pub(super) fn count(&self, len: usize) -> usize {
        self.indices.as_ref().map_or(len, Vec::len)
    }

    /// Whether it may be tried again, and that counts.
    pub(super) fn is_retry(&self) -> bool {
        matches!(self.action, Action::Retry | Action::Throttle)
    }

    /// Whether the circuit breaker counts it.
    pub(super) fn is_failure(&self) -> bool {
        matches!(self.action, Action::Retry | Action::GiveUp)
    }
}

/// What is to be done with the events that were not delivered, by the first thing that was said of
/// each.
pub(super) fn groups(error: &BatchError, len: usize) -> Vec<Group> {
    let failed = match &error.failed {
        Failed::All(error) => return vec![Group::all(error)],
        Failed::Some(failed) => failed,
    };
    let mut seen = vec![false; len];
    let mut groups: Vec<Group> = Vec::new();
    for (index, error) in failed {
        if seen.get(*index) != Some(&false) {
            continue;
        }
        seen[*index] = true;
        let found = groups.iter_mut().find(|it| it.action == error.action());
        match found {
            Some(group) => {
                group.after = group.after.max(error.delay());
                group.indices.get_or_insert_default().push(*index);
            }
            None => groups.push(Group {
                indices: Some(vec![*index]),
                ..Group::all(error)
            }),
        }
    }
    for group in &mut groups {
        group.indices.get_or_insert_default().sort_unstable();
    }
    groups
}

/// What is known of events when it is decided what to do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    pub(super) len: usize,
    /// Attempts that count, this one among them.
    pub(super) attempts: usize,
    /// Since the first of them was over.
    pub(super) spent: Duration,
    pub(super) is_closing: bool,
    /// No further attempt was to follow.
    pub(super) is_last: bool,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Tried again after the next pause.
    Again,
    /// Tried again at once, for the last time.
    LastTime,
    /// Tried again when the lane goes on.
    Pause,
    Halves,
    End(Reason),
}

pub(super) fn step(action: Action, facts: Facts, retry: &Retry) -> Step {
    match action {
        Action::GiveUp => Step::End(Reason::Failed),
        Action::DeadLetter => Step::End(Reason::Refused),
        Action::Disable => Step::End(Reason::Disabled),
        Action::Split if facts.len > 1 => Step::Halves,
        Action::Split => Step::End(Reason::Refused),
        _ if facts.is_closing && facts.is_last => Step::End(Reason::Shutdown),
        Action::Pause if facts.is_closing => Step::LastTime,
        Action::Pause => Step::Pause,
        Action::Retry | Action::Throttle => {
            if facts.attempts >= retry.attempts || facts.spent >= retry.elapsed {
                Step::End(Reason::RetriesExhausted)
            } else if facts.is_closing {
                Step::LastTime
            } else {
                Step::Again
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use Reason::*;
    use Step::*;

    use super::*;

    const USUAL: Facts = Facts {
        len: 2,
        attempts: 1,
        spent: Duration::ZERO,
        is_closing: false,
        is_last: false,
    };

    #[test]
    fn each_action_has_one_step_wherever_a_batch_stands() {
        let alone = Facts { len: 1, ..USUAL };
        let tired = Facts {
            attempts: 3,
            ..USUAL
        };
        let slow = Facts {
            spent: Duration::from_secs(300),
            ..USUAL
        };
        let closing = Facts {
            is_closing: true,
            ..USUAL
        };
        let last = Facts {
            is_last: true,
            ..closing
        };
        let facts = [USUAL, alone, tired, slow, closing, last];
        let again = [
            Again,
            Again,
            End(RetriesExhausted),
            End(RetriesExhausted),
            LastTime,
            End(Shutdown),
        ];
        let paused = [Pause, Pause, Pause, Pause, LastTime, End(Shutdown)];
        let split = [Halves, End(Refused), Halves, Halves, Halves, Halves];
        let table = [
            (Action::GiveUp, [End(Failed); 6]),
            (Action::Retry, again),
            (Action::Throttle, again),
            (Action::Split, split),
            (Action::DeadLetter, [End(Refused); 6]),
            (Action::Pause, paused),
            (Action::Disable, [End(Disabled); 6]),
        ];
        for (action, expected) in table {
            let steps = facts.map(|facts| step(action, facts, &Retry::new()));
            assert_eq!(steps, expected, "{action:?}");
        }
    }

    #[test]
    fn events_are_grouped_by_what_was_said_first_of_each() {
        let error = |action| SinkError::with(action, "no");
        let said = vec![
            (7, error(Action::Retry)),
            (2, error(Action::Retry).after(Duration::from_secs(2))),
            (2, error(Action::DeadLetter)),
            (4, error(Action::DeadLetter)),
            (8, error(Action::Retry)),
        ];
        let groups = groups(&BatchError::some(said), 8);
        let told = groups.iter().map(|it| {
            let indices = it.indices.clone();
            (it.action, it.after, indices.unwrap())
        });
        let two = Some(Duration::from_secs(2));
        let expected = [
            (Action::Retry, two, vec![2, 7]),
            (Action::DeadLetter, None, vec![4]),
        ];
        assert_eq!(told.collect::<Vec<_>>(), expected);
    }
}
