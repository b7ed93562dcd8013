//! Settings as part of somebody else's configuration, and as something to show.

use serde_core::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, Unexpected},
};
use serde_json::{Map, Value as Json, json};

use super::{
    Origin, Settings,
    leaf::Leaf,
    merge::{Merge, PRESET},
    names::unknown,
    pending,
    tree::{is_group, leaves},
    variable::long_key,
};

/// Reads the same groups and names that a file has. What is not named has its default.
///
/// # Errors
///
/// All that is unknown, cannot be read, or is not built yet.
impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = Json::deserialize(deserializer)?;
        let Json::Object(entries) = given else {
            return Err(D::Error::invalid_type(
                Unexpected::Other("no map"),
                &"a map of settings",
            ));
        };
        let mut merge = Merge::default();
        if let Some(preset) = entries.get(PRESET) {
            merge.begin(&[(preset.clone(), Origin::Given)], true);
        }
        give(&mut merge, "", &entries);
        let problems: Vec<_> = merge.problems.iter().map(ToString::to_string).collect();
        match problems.is_empty() {
            true => Ok(merge.settings),
            false => Err(D::Error::custom(problems.join("\n"))),
        }
    }
}

fn give(merge: &mut Merge, prefix: &str, entries: &Map<String, Json>) {
    for (name, value) in entries {
        let key = long_key(&format!("{prefix}{name}"));
        match value {
            Json::Object(inner) if is_group(&key) => {
                give(merge, &long_key(&format!("{key}.")), inner);
            }
            value => {
                if !merge.give(&key, value, Origin::Given) {
                    merge.problems.push(unknown(&key, &Origin::Given));
                }
            }
        }
    }
}

/// Groups and names as in a file, so that it can be read back: without secrets, and without what is
/// not built yet.
impl Serialize for Settings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut root = json!({});
        let is_shown =
            |leaf: &&Leaf| !leaf.kind.is_secret() && pending::part_of(leaf.key).is_none();
        for leaf in leaves().filter(is_shown) {
            let place = leaf
                .key
                .split('.')
                .fold(&mut root, |group, part| &mut group[part]);
            *place = (leaf.get)(self);
        }
        root.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Level;

    #[test]
    fn what_is_shown_of_a_group_is_read_back() {
        let text = r#"{"core": {"log_level": "debug", "queue_budget": "1 MB"}, "service": "shop"}"#;
        let settings: Settings = serde_json::from_str(text).unwrap();
        assert_eq!(settings.service.as_deref(), Some("shop"));
        let shown = serde_json::to_value(&settings).unwrap();
        assert_eq!(shown["core"]["queue_budget"], 1024 * 1024);
        assert_eq!(shown["core"]["log_level"], "DEBUG");
        assert_eq!(serde_json::from_value::<Settings>(shown).unwrap(), settings);
        let dev: Settings = serde_json::from_str(r#"{"preset": "dev"}"#).unwrap();
        assert_eq!(dev.core.log_level, Level::Debug.into());
    }

    #[test]
    fn secrets_are_not_shown() {
        let mut settings = Settings::default();
        let secret = || "hunter2".to_owned().into();
        settings.sink_config.loki.auth_token = Some(secret());
        let header = "authorization".to_owned();
        settings.http.headers.insert(header, secret());
        let shown = serde_json::to_string(&settings).unwrap();
        let explained = settings.explain();
        for shown in [shown, format!("{explained:?}"), format!("{settings:?}")] {
            assert!(!shown.contains("hunter2"), "{shown}");
        }
        assert!(explained.iter().any(|it| it.value == crate::MASK));
    }

    #[test]
    fn all_that_is_wrong_is_told() {
        let text = r#"{"core": {"log_levle": "debug", "max_depth": 99}, "loki": {"url": "x"}}"#;
        let error = serde_json::from_str::<Settings>(text)
            .unwrap_err()
            .to_string();
        for part in [
            "did you mean core.log_level?",
            "core.max_depth = \"99\"",
            "not built yet",
        ] {
            assert!(error.contains(part), "{part:?} is not in {error}");
        }
    }
}
