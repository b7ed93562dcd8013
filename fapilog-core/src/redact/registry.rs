//! [`Registry`]: all presets, and which of them take over from which.

use std::{error::Error, fmt};

use super::{preset::RedactionPreset, presets};

/// All redaction presets: those that fapilog brings along, and one's own.
///
/// ```
/// use fapilog_core::redact::Registry;
///
/// let registry = Registry::new();
/// let names: Vec<_> = registry.all().map(|it| it.name()).filter(|it| it.starts_with("GDPR")).collect();
/// assert_eq!(names, ["GDPR_PII", "GDPR_PII_UK"]);
/// ```
#[derive(Clone, Debug)]
pub struct Registry(Vec<RedactionPreset>);

impl Registry {
    /// Those that fapilog brings along.
    pub fn new() -> Self {
        Self(presets::built_in())
    }

    /// Adds a preset, in the place of the one that had its name if there was one.
    pub fn add(&mut self, preset: RedactionPreset) {
        self.0
            .retain(|it| !it.name().eq_ignore_ascii_case(preset.name()));
        self.0.push(preset);
    }

    /// All of them. Pick by [`is_of_regulation`](RedactionPreset::is_of_regulation),
    /// [`is_of_region`](RedactionPreset::is_of_region), [`has_tag`](RedactionPreset::has_tag).
    pub fn all(&self) -> impl Iterator<Item = &RedactionPreset> {
        self.0.iter()
    }

    /// The preset of this name, in any case.
    pub fn get(&self, name: &str) -> Option<&RedactionPreset> {
        self.0
            .iter()
            .find(|it| it.name().eq_ignore_ascii_case(name))
    }

    /// The preset of this name after all that it takes over from, near and far, each once.
    ///
    /// # Errors
    ///
    /// If there is no such preset, or one that it takes over from is none, or takes over from it.
    pub fn resolve(&self, name: &str) -> Result<Vec<&RedactionPreset>, UnknownRedactionPreset> {
        let mut found = Vec::new();
        self.add_resolved(name, &mut Vec::new(), &mut found)?;
        Ok(found)
    }

    fn add_resolved<'r>(
        &'r self,
        name: &str,
        way: &mut Vec<&'r str>,
        found: &mut Vec<&'r RedactionPreset>,
    ) -> Result<(), UnknownRedactionPreset> {
        let preset = self.get(name).ok_or_else(|| UnknownRedactionPreset {
            name: name.to_owned(),
            what: format!("there is {}", self.names().join(", ")),
        })?;
        if found.iter().any(|it| it.name() == preset.name()) {
            return Ok(());
        }
        if way.contains(&preset.name()) {
            return Err(UnknownRedactionPreset {
                name: name.to_owned(),
                what: format!("it takes over from itself: {} -> {name}", way.join(" -> ")),
            });
        }
        way.push(preset.name());
        for parent in preset.parents() {
            self.add_resolved(parent, way, found)?;
        }
        way.pop();
        found.push(preset);
        Ok(())
    }

    fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.all().map(RedactionPreset::name).collect();
        names.sort_unstable();
        names
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

/// A name that is no preset's, or that of a preset which takes over from itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownRedactionPreset {
    name: String,
    what: String,
}

impl fmt::Display for UnknownRedactionPreset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no redaction preset {:?}: {}", self.name, self.what)
    }
}

impl Error for UnknownRedactionPreset {}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(registry: &Registry, name: &str) -> Vec<String> {
        let presets = registry.resolve(name).unwrap();
        presets.iter().map(|it| it.name().to_owned()).collect()
    }

    #[test]
    fn a_preset_takes_over_from_its_grandparents_too_each_once() {
        let registry = Registry::new();
        assert_eq!(
            names(&registry, "gdpr_pii_uk"),
            [
                "CONTACT_INFO",
                "PERSONAL_IDENTIFIERS",
                "ONLINE_IDENTIFIERS",
                "FINANCIAL_IDENTIFIERS",
                "EU_GOVERNMENT_IDS",
                "GDPR_PII",
                "UK_GOVERNMENT_IDS",
                "GDPR_PII_UK"
            ]
        );
        for preset in registry.all() {
            assert!(registry.resolve(preset.name()).is_ok(), "{}", preset.name());
        }
    }

    #[test]
    fn a_circle_and_an_unknown_name_are_told() {
        let mut registry = Registry::new();
        registry.add(RedactionPreset::new("A", "").extends(["B"]));
        registry.add(RedactionPreset::new("B", "").extends(["A"]));
        registry.add(RedactionPreset::new("C", "").extends(["SOC2"]));
        let circle = registry.resolve("A").unwrap_err().to_string();
        assert!(circle.contains("A -> B -> A"), "{circle}");
        let unknown = registry.resolve("C").unwrap_err().to_string();
        assert!(
            unknown.contains("SOC2") && unknown.contains("CREDENTIALS"),
            "{unknown}"
        );
    }

    #[test]
    fn presets_are_found_by_law_region_and_tag() {
        let registry = Registry::new();
        let found = |is: &dyn Fn(&RedactionPreset) -> bool| {
            let found = registry.all().filter(|it| is(it));
            found.map(|it| it.name().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(found(&|it| it.is_of_regulation("hipaa")), ["HIPAA_PHI"]);
        assert_eq!(
            found(&|it| it.is_of_region("US")),
            ["US_GOVERNMENT_IDS", "CCPA_PII", "HIPAA_PHI"]
        );
        assert_eq!(found(&|it| it.is_of_region("us-ca")), ["CCPA_PII"]);
        assert_eq!(found(&|it| it.has_tag("secrets")), ["CREDENTIALS"]);
    }
}
