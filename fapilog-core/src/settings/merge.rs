//! [`Merge`]: one source after the other, the weakest first.

use serde_json::Value as Json;

use super::{
    Origin, Preset, Problem, Settings,
    kind::Refused,
    leaf::Leaf,
    pending, strength,
    tree::{find, leaves},
};

/// The key of the preset, which is no value like others: it is where all begin.
pub(super) const PRESET: &str = "preset";

/// Settings to which sources are applied, and what is wrong with these.
#[derive(Debug, Default)]
pub(super) struct Merge {
    pub(super) settings: Settings,
    pub(super) problems: Vec<Problem>,
    /// What code has set and a variable has changed.
    pub(super) overridden: Vec<String>,
}

impl Merge {
    /// Gives a setting a value that came as text, or from a file. False if there is no such
    /// setting. The preset is passed over: [`begin`](Self::begin) has dealt with it.
    pub(super) fn give(&mut self, key: &str, given: &Json, origin: Origin) -> bool {
        let Some(leaf) = find(key) else {
            return false;
        };
        if leaf.key == PRESET {
            return true;
        }
        if let Some(part) = pending::part_of(leaf.key) {
            self.problems
                .push(Problem::pending(leaf.key, part, &origin));
            return true;
        }
        let before = (leaf.get)(&self.settings);
        match (leaf.set)(&mut self.settings, given) {
            Ok(()) => {
                let is_changed = before != (leaf.get)(&self.settings);
                self.note(leaf, origin, is_changed);
            }
            Err(refused) => self.refuse(leaf, given, &origin, refused),
        }
        true
    }

    /// Begins with the preset of the first of these sources, the strongest, that names one, be it
    /// that there is none. What the others redact, a variable does not take away, unless it may.
    pub(super) fn begin(&mut self, named: &[(Json, Origin)], may_weaken: bool) {
        let Some(leaf) = find(PRESET) else { return };
        let mut chosen = None;
        let mut others = Vec::new();
        for (name, origin) in named {
            let mut settings = Settings::default();
            match (leaf.set)(&mut settings, name) {
                Ok(()) => {
                    if chosen.is_some() && *origin == Origin::Code {
                        self.overridden.push(format!("{PRESET} ({})", named[0].1));
                    }
                    match chosen {
                        None => chosen = Some((settings.preset, origin)),
                        Some(_) => others.extend(settings.preset),
                    }
                }
                Err(refused) => self.refuse(leaf, name, origin, refused),
            }
        }
        let is_variable = matches!(chosen, Some((_, Origin::Variable(_))));
        if let Some((Some(preset), origin)) = chosen {
            self.apply_preset(preset, origin);
        }
        if is_variable && !may_weaken {
            for other in others {
                let mut weaker = Settings::default();
                other.apply(&mut weaker);
                strength::keep(&weaker, &mut self.settings, &mut self.problems);
            }
        }
    }

    fn apply_preset(&mut self, preset: Preset, origin: &Origin) {
        self.change(
            |settings| preset.apply(settings),
            preset.sets(),
            &Origin::Preset(preset),
        );
        self.settings.preset = Some(preset);
        self.settings.origins.0.insert(PRESET, origin.clone());
    }

    /// Changes settings by code, a preset's or the caller's, which sets these keys at least.
    pub(super) fn change(
        &mut self,
        change: impl FnOnce(&mut Settings),
        keys: &[&str],
        origin: &Origin,
    ) {
        let before = self.settings.clone();
        change(&mut self.settings);
        self.settings.origins = before.origins.clone();
        for leaf in leaves().filter(|leaf| leaf.key != PRESET) {
            let value = (leaf.get)(&self.settings);
            if value == (leaf.get)(&before) && !keys.contains(&leaf.key) {
                continue;
            }
            if let Some(part) = pending::part_of(leaf.key) {
                self.problems.push(Problem::pending(leaf.key, part, origin));
            } else if let Err(refused) = leaf.check(&self.settings) {
                self.refuse(leaf, &value, origin, refused);
            } else {
                self.note(leaf, origin.clone(), true);
            }
        }
    }

    fn note(&mut self, leaf: &Leaf, origin: Origin, is_changed: bool) {
        let origins = &mut self.settings.origins.0;
        let before = origins.insert(leaf.key, origin.clone());
        if is_changed && before == Some(Origin::Code) && origin != Origin::Code {
            self.overridden.push(format!("{} ({origin})", leaf.key));
        }
    }

    fn refuse(&mut self, leaf: &Leaf, given: &Json, origin: &Origin, refused: Refused) {
        self.problems
            .push(Problem::refused(leaf, given, origin, refused));
    }
}
