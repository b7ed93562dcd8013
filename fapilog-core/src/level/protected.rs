//! [`ProtectedLevels`]: whose events may use the reserve of the queue.

use super::Level;

/// A set of levels, by priority. A level of one's own goes with the one below it that every
/// pipeline knows, unless it is named itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ProtectedLevels(u128);

impl ProtectedLevels {
    pub(crate) fn new(levels: &[Level]) -> Self {
        let is_in = |priority: u8| {
            let known = Level::ALL.iter().rev();
            let below = { known }.find(|level| level.priority() <= priority);
            let is_named = levels.iter().any(|level| level.priority() == priority);
            is_named || below.is_some_and(|level| levels.contains(level))
        };
        let bits = (0..100).filter(|priority| is_in(*priority));
        Self(bits.fold(0, |bits, priority| bits | 1 << priority))
    }

    #[inline]
    pub(crate) fn contains(self, level: Level) -> bool {
        self.0 >> level.priority() & 1 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_of_ones_own_go_with_the_one_below_unless_they_are_named() {
        let notice = Level::custom("NOTICE", 25);
        let alarm = Level::custom("ALARM", 45);
        let usual = ProtectedLevels::new(&[Level::Error, Level::Critical]);
        assert!(usual.contains(alarm) && !usual.contains(notice));
        let other = ProtectedLevels::new(&[notice, Level::Security]);
        assert!(other.contains(notice) && !other.contains(alarm));
        assert!(!other.contains(Level::Info) && !other.contains(Level::Audit));
        assert!(!ProtectedLevels::new(&[]).contains(Level::Security));
    }
}
