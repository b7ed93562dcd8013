//! [`Added`]: what a terminal event has besides what it always has.

use fapilog_core::__private::{FieldBlock, Limits};

/// Fields, and totals that become fields at the end.
#[derive(Debug, Default)]
pub(crate) struct Added {
    pub(crate) fields: FieldBlock,
    totals: Vec<(String, Total)>,
}

/// What is added up.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Total {
    Count(i64),
    Millis(f64),
}

/// Keys beyond this number are left out: they may be made from what a client sends.
const MOST: usize = 64;

impl From<FieldBlock> for Added {
    fn from(fields: FieldBlock) -> Self {
        Self {
            fields,
            totals: Vec::new(),
        }
    }
}

impl Added {
    pub(crate) fn total(&mut self, key: &str, amount: Total) {
        let place = self.totals.iter().position(|(name, _)| name == key);
        let Some(place) = place else {
            if self.totals.len() < MOST {
                self.totals.push((key.to_owned(), amount));
            }
            return;
        };
        let sum = &mut self.totals[place].1;
        *sum = match (*sum, amount) {
            (Total::Count(sum), Total::Count(count)) => Total::Count(sum.saturating_add(count)),
            (Total::Millis(sum), Total::Millis(millis)) => Total::Millis(sum + millis),
            // Of a key that stands for two things, the last one counts.
            (_, amount) => amount,
        };
    }

    /// All of it as fields.
    pub(crate) fn into_fields(self, limits: &Limits) -> FieldBlock {
        let mut fields = self.fields;
        for (key, total) in &self.totals {
            match total {
                Total::Count(count) => fields.set(limits, key, count),
                Total::Millis(millis) => fields.set(limits, key, millis),
            }
        }
        fields
    }
}
