//! Numbers, and what is counted in them.

use serde_json::{Value as Json, json};

use super::{Describe, Kind, Refused, text};

/// True or false, in the usual spellings.
pub(in crate::settings) struct Flag;

impl Describe for Flag {
    fn expected(&self) -> String {
        "true or false".to_owned()
    }

    fn example(&self) -> String {
        "true".to_owned()
    }

    fn schema(&self) -> Json {
        json!({ "type": "boolean" })
    }
}

impl Kind for Flag {
    type Value = bool;

    fn read(&self, given: &Json) -> Result<bool, Refused> {
        if let Some(flag) = given.as_bool() {
            return Ok(flag);
        }
        match text(given).map(str::to_ascii_lowercase).as_deref() {
            Some("1" | "true" | "yes" | "on") => Ok(true),
            Some("0" | "false" | "no" | "off") => Ok(false),
            _ => Err(Refused::default()),
        }
    }

    fn show(&self, value: &bool) -> Json {
        json!(value)
    }
}

/// What is true and nothing else.
pub(in crate::settings) struct Yes;

impl Describe for Yes {
    fn expected(&self) -> String {
        "true, as it always is".to_owned()
    }

    fn example(&self) -> String {
        Flag.example()
    }

    fn schema(&self) -> Json {
        json!({ "const": true })
    }
}

impl Kind for Yes {
    type Value = bool;

    fn read(&self, given: &Json) -> Result<bool, Refused> {
        Flag.read(given).and_then(|flag| match flag {
            true => Ok(true),
            false => Err(Refused::default()),
        })
    }

    fn show(&self, value: &bool) -> Json {
        Flag.show(value)
    }
}

/// A whole number.
pub(in crate::settings) struct Whole {
    pub(in crate::settings) least: usize,
    pub(in crate::settings) most: usize,
}

impl Whole {
    pub(in crate::settings) const ANY: Self = Self::from(0);

    pub(in crate::settings) const fn from(least: usize) -> Self {
        Self {
            least,
            most: usize::MAX,
        }
    }

    pub(in crate::settings) const fn of(least: usize, most: usize) -> Self {
        Self { least, most }
    }
}

impl Describe for Whole {
    fn expected(&self) -> String {
        match (self.least, self.most) {
            (0, usize::MAX) => "a whole number".to_owned(),
            (least, usize::MAX) => format!("a whole number, {least} or more"),
            (least, most) => format!("a whole number from {least} to {most}"),
        }
    }

    fn example(&self) -> String {
        10.clamp(self.least, self.most).to_string()
    }

    fn schema(&self) -> Json {
        let mut schema = json!({ "type": "integer", "minimum": self.least });
        if self.most < usize::MAX {
            schema["maximum"] = json!(self.most);
        }
        schema
    }
}

impl Kind for Whole {
    type Value = usize;

    fn read(&self, given: &Json) -> Result<usize, Refused> {
        let number = given.as_u64().and_then(|it| usize::try_from(it).ok());
        let number = number.or_else(|| text(given)?.parse().ok());
        number
            .filter(|number| (self.least..=self.most).contains(number))
            .ok_or_else(Refused::default)
    }

    fn show(&self, value: &usize) -> Json {
        json!(value)
    }
}

/// A number of bytes, with or without a unit.
pub(in crate::settings) struct Size {
    /// 0 is one too, though it is less than the least.
    pub(in crate::settings) or_zero: bool,
    pub(in crate::settings) least: usize,
    pub(in crate::settings) most: usize,
}

impl Size {
    pub(in crate::settings) const fn of(least: usize, most: usize) -> Self {
        Self {
            or_zero: false,
            least,
            most,
        }
    }

    fn parse(given: &Json) -> Option<usize> {
        if let Some(number) = given.as_u64() {
            return usize::try_from(number).ok();
        }
        let binary = parse_size::Config::new().with_binary();
        usize::try_from(binary.parse_size(text(given)?).ok()?).ok()
    }
}

/// The number of bytes that a text says, with or without a unit.
pub(crate) fn read_size(text: &str) -> Option<usize> {
    Size::parse(&json!(text))
}

impl Describe for Size {
    fn expected(&self) -> String {
        let zero = if self.or_zero { "0, or " } else { "" };
        let least = words(self.least);
        match self.most {
            usize::MAX => format!("a size: {zero}{least} or more"),
            most => format!("a size: {zero}{least} to {}", words(most)),
        }
    }

    fn example(&self) -> String {
        const USUAL: usize = 10 << 20;
        format!("\"{}\"", words(USUAL.clamp(self.least, self.most)))
    }

    fn schema(&self) -> Json {
        json!({ "type": ["integer", "string"], "pattern": "^\\s*[0-9]+(\\.[0-9]+)?\\s*([KkMmGg]?[Bb])?\\s*$" })
    }
}

impl Kind for Size {
    type Value = usize;

    fn read(&self, given: &Json) -> Result<usize, Refused> {
        Self::parse(given)
            .filter(|size| (self.or_zero && *size == 0) || (self.least..=self.most).contains(size))
            .ok_or_else(Refused::default)
    }

    fn show(&self, value: &usize) -> Json {
        json!(value)
    }
}

/// A size as people write it.
fn words(bytes: usize) -> String {
    let units = [("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)];
    let unit = units
        .iter()
        .find(|(_, unit)| bytes >= *unit && bytes.is_multiple_of(*unit));
    match unit {
        Some((name, unit)) => format!("{} {name}", bytes / unit),
        None => format!("{bytes} B"),
    }
}

/// A number that need not be whole.
pub(in crate::settings) struct Number {
    pub(in crate::settings) least: f64,
    pub(in crate::settings) most: f64,
}

impl Number {
    /// 0 to 1.
    pub(in crate::settings) const SHARE: Self = Self {
        least: 0.0,
        most: 1.0,
    };

    pub(in crate::settings) const fn from(least: f64) -> Self {
        Self {
            least,
            most: f64::MAX,
        }
    }
}

impl Describe for Number {
    fn expected(&self) -> String {
        match self.most {
            f64::MAX => format!("a number, {} or more", self.least),
            most => format!("a number from {} to {most}", self.least),
        }
    }

    fn example(&self) -> String {
        0.5_f64.clamp(self.least, self.most).to_string()
    }

    fn schema(&self) -> Json {
        let mut schema = json!({ "type": "number", "minimum": self.least });
        if self.most < f64::MAX {
            schema["maximum"] = json!(self.most);
        }
        schema
    }
}

impl Kind for Number {
    type Value = f64;

    fn read(&self, given: &Json) -> Result<f64, Refused> {
        let number = given.as_f64().or_else(|| text(given)?.parse().ok());
        number
            .filter(|number| (self.least..=self.most).contains(number))
            .ok_or_else(Refused::default)
    }

    fn show(&self, value: &f64) -> Json {
        json!(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_size_are_steps_of_1024() {
        let any = Size::of(0, usize::MAX);
        for (given, bytes) in [
            (json!("10 MB"), Some(10 * 1024 * 1024)),
            (json!("64kb"), Some(64 * 1024)),
            (json!(" 512 "), Some(512)),
            (json!("\"1.5 KB\""), Some(1536)),
            (json!(7), Some(7)),
            (json!("ten"), None),
            (json!("-1"), None),
            (json!(-1), None),
        ] {
            assert_eq!(any.read(&given).ok(), bytes, "{given}");
        }
    }

    #[test]
    fn what_is_out_of_range_is_refused() {
        let size = Size {
            or_zero: true,
            ..Size::of(1024, 4096)
        };
        for (given, works) in [
            ("0", true),
            ("1 KB", true),
            ("1023", false),
            ("5 KB", false),
        ] {
            assert_eq!(size.read(&json!(given)).is_ok(), works, "{given}");
        }
        assert_eq!(size.expected(), "a size: 0, or 1 KB to 4 KB");
        assert!(Whole::of(1, 8).read(&json!("9")).is_err());
        assert!(Number::SHARE.read(&json!("1.5")).is_err());
        assert!(Number::SHARE.read(&json!("nan")).is_err());
    }
}
