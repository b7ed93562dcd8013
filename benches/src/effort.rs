//! How much work a measurement makes of it.

/// Chosen by arguments, and passed on to the process of each measurement.
#[derive(Clone, Copy, Default)]
pub struct Effort {
    /// Only to see that everything works: one round with a tenth of the events.
    pub quick: bool,
    rounds: Option<usize>,
    seconds: Option<u64>,
}

impl Effort {
    pub const OPTIONS: &str = "--quick, --rounds COUNT, --seconds OF_SATURATED_LOAD";

    /// Takes in the next of these arguments. `None` if it is none of ours, or makes no sense.
    pub fn argument<'a>(
        &mut self,
        argument: &str,
        rest: &mut impl Iterator<Item = &'a str>,
    ) -> Option<()> {
        match argument {
            "--quick" => self.quick = true,
            "--rounds" => self.rounds = Some(rest.next()?.parse().ok().filter(|it| *it > 0)?),
            "--seconds" => self.seconds = Some(rest.next()?.parse().ok().filter(|it| *it > 0)?),
            _ => return None,
        }
        Some(())
    }

    /// What gives another process of ours the same effort.
    pub fn arguments(&self) -> Vec<String> {
        let quick = self.quick.then(|| "--quick".to_owned());
        let seconds = self
            .seconds
            .map(|it| ["--seconds".to_owned(), it.to_string()]);
        quick
            .into_iter()
            .chain(seconds.into_iter().flatten())
            .collect()
    }

    /// So many events, or a tenth of them.
    pub fn events(&self, full: u64) -> u64 {
        if self.quick { full / 10 } else { full }
    }

    /// So many rounds, unless told otherwise.
    pub fn rounds(&self, usual: usize) -> usize {
        self.rounds.unwrap_or(if self.quick { 1 } else { usual })
    }

    /// For how long a saturated load is kept up.
    pub fn seconds(&self) -> u64 {
        self.seconds.unwrap_or(if self.quick { 5 } else { 20 })
    }
}
