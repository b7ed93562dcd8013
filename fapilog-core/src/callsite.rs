//! [`Callsite`]: what is known of a log call before it runs.

use std::{
    fmt,
    sync::{
        Mutex,
        atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering},
    },
};

use crate::{Level, sync::unpoisoned};

/// The lowest priority that any living pipeline keeps; a call below it ends after this one load.
static THRESHOLD: AtomicU8 = AtomicU8::new(u8::MAX);

/// Every call site that has logged, by number.
static SITES: Mutex<Vec<&'static Callsite>> = Mutex::new(Vec::new());

/// Whether any pipeline may keep an event of this level. Never wrong with `false`.
#[inline(always)]
pub fn may_be_enabled(level: Level) -> bool {
    level.priority() >= THRESHOLD.load(Ordering::Relaxed)
}

pub(crate) fn set_threshold(priority: u8) {
    THRESHOLD.store(priority, Ordering::Relaxed);
}

/// What the macros know at compile time about one log call.
///
/// Made by the macros as a `static`; there is no need to name it otherwise.
pub struct Callsite {
    level: Level,
    target: &'static str,
    file: &'static str,
    line: u32,
    keys: &'static [&'static str],
    /// Its events pass the redactors by.
    is_unredacted: bool,
    /// Its number plus one in [`SITES`]; 0 until it first logs.
    number: AtomicU32,
    /// The last verdict: `filter stamp << 1 | enabled`. Stamps are unique in the process, so a
    /// changed level, or another pipeline, makes the verdict stale and never wrong.
    verdict: AtomicU64,
}

impl Callsite {
    /// Describes a log call.
    pub const fn new(
        level: Level,
        target: &'static str,
        file: &'static str,
        line: u32,
        keys: &'static [&'static str],
    ) -> Self {
        Self {
            level,
            target,
            file,
            line,
            keys,
            is_unredacted: false,
            number: AtomicU32::new(0),
            verdict: AtomicU64::new(0),
        }
    }

    /// Describes a log call whose events pass the redactors by.
    pub const fn unredacted(
        level: Level,
        target: &'static str,
        file: &'static str,
        line: u32,
        keys: &'static [&'static str],
    ) -> Self {
        Self {
            is_unredacted: true,
            ..Self::new(level, target, file, line, keys)
        }
    }

    pub(crate) fn is_unredacted(&self) -> bool {
        self.is_unredacted
    }

    /// The call site of all events of a level whose keys are only known at run time.
    pub(crate) fn of_level(level: Level) -> &'static Self {
        static BUILT_IN: [Callsite; Level::ALL.len()] = {
            let mut sites = [const { Callsite::at_run_time(Level::Trace) }; Level::ALL.len()];
            let mut index = 0;
            while index < sites.len() {
                sites[index] = Callsite::at_run_time(Level::ALL[index]);
                index += 1;
            }
            sites
        };
        static CUSTOM: Mutex<Vec<&'static Callsite>> = Mutex::new(Vec::new());
        if let Some(site) = BUILT_IN.iter().find(|site| site.level == level) {
            return site;
        }
        let mut custom = unpoisoned(CUSTOM.lock());
        let known = custom.iter().copied().find(|site| site.level == level);
        known.unwrap_or_else(|| {
            // Never freed: there are as many as a program has levels.
            let site: &Callsite = Box::leak(Box::new(Self::at_run_time(level)));
            custom.push(site);
            site
        })
    }

    const fn at_run_time(level: Level) -> Self {
        Self::new(level, "root", "", 0, &[])
    }

    pub(crate) fn level(&self) -> Level {
        self.level
    }

    pub(crate) fn target(&self) -> &'static str {
        self.target
    }

    pub(crate) fn keys(&self) -> &'static [&'static str] {
        self.keys
    }

    /// Answers from the cached verdict if it carries `stamp`, else asks `decide` and caches.
    #[inline]
    pub(crate) fn verdict(&self, stamp: u64, decide: impl FnOnce() -> bool) -> bool {
        let cached = self.verdict.load(Ordering::Relaxed);
        if cached >> 1 == stamp {
            return cached & 1 == 1;
        }
        let enabled = decide();
        self.verdict
            .store(stamp << 1 | u64::from(enabled), Ordering::Relaxed);
        enabled
    }

    #[inline]
    pub(crate) fn number(&'static self) -> u32 {
        match self.number.load(Ordering::Relaxed) {
            0 => self.register(),
            known => known - 1,
        }
    }

    #[cold]
    fn register(&'static self) -> u32 {
        let mut sites = unpoisoned(SITES.lock());
        // Two threads may both have read 0: the second finds the number here.
        let known = self.number.load(Ordering::Relaxed);
        if known != 0 {
            return known - 1;
        }
        sites.push(self);
        let number = sites.len() as u32;
        self.number.store(number, Ordering::Relaxed);
        number - 1
    }
}

impl fmt::Debug for Callsite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callsite")
            .field("level", &self.level)
            .field("target", &self.target)
            .field("file", &self.file)
            .field("line", &self.line)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

/// The worker's copy of the list of call sites, so that it locks only for a site it has not met.
#[derive(Debug, Default)]
pub(crate) struct KnownSites(Vec<&'static Callsite>);

impl KnownSites {
    pub(crate) fn get(&mut self, number: u32) -> Option<&'static Callsite> {
        let index = number as usize;
        if index >= self.0.len() {
            let sites = unpoisoned(SITES.lock());
            self.0.extend_from_slice(&sites[self.0.len()..]);
        }
        self.0.get(index).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_holds_for_its_stamp_only() {
        static SITE: Callsite = Callsite::new(Level::Info, "t", "f", 1, &[]);
        assert!(SITE.verdict(7, || true));
        assert!(SITE.verdict(7, || false), "cached");
        assert!(!SITE.verdict(8, || false), "a new stamp asks again");
    }

    #[test]
    fn a_number_leads_back_to_its_site() {
        static ONE: Callsite = Callsite::new(Level::Info, "one", "f", 1, &["a"]);
        static TWO: Callsite = Callsite::new(Level::Info, "two", "f", 2, &["b"]);
        let mut known = KnownSites::default();
        for site in [&TWO, &ONE, &TWO] {
            let found = known.get(site.number()).map(Callsite::target);
            assert_eq!(found, Some(site.target()));
        }
    }
}
