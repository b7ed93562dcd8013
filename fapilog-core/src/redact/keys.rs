//! [`tell_apart`]: keys that had secrets in them.

use std::{borrow::Cow, collections::HashMap};

/// Numbers keys that have become the same, from the second one on, so that none hides another.
pub(super) fn tell_apart<'k, 'e: 'k>(keys: impl Iterator<Item = &'k mut Cow<'e, str>>) {
    let keys: Vec<_> = keys.collect();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for key in &keys {
        seen.insert(key.to_string(), 0);
    }
    for key in keys {
        let plain = key.to_string();
        loop {
            let times = seen.entry(plain.clone()).or_default();
            *times += 1;
            if *times == 1 {
                break;
            }
            let numbered = format!("{plain} ({times})");
            if !seen.contains_key(&numbered) {
                seen.insert(numbered.clone(), 1);
                *key = Cow::Owned(numbered);
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_are_the_same_are_numbered() {
        let mut keys = ["a", "b", "a", "a (2)", "a"].map(Cow::Borrowed);
        tell_apart(keys.iter_mut());
        assert_eq!(keys, ["a", "b", "a (3)", "a (2)", "a (4)"]);
    }
}
