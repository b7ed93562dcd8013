//! Secrets wherever values can come to, in events that are made at random, and innocent values beside
//! them.

use std::{error::Error, fmt};

use fapilog_core::{FieldValue, Level, Logger, Sensitive, context::Scope, error, info, json, warn};

/// Every secret has it in it.
pub const CANARY: &str = "c4n4ryS3cr3t";
/// A secret that is a number.
pub const NUMBER: u64 = 7_310_137_101_373;
/// A secret that is known by its look.
pub const CARD: &str = "5105105105105100";

/// What there is of a secret in a text, if there is something.
pub fn leak(text: &str) -> Option<&str> {
    if let Some(at) = text.to_ascii_lowercase().find(&CANARY.to_ascii_lowercase()) {
        let start = text.floor_char_boundary(at.saturating_sub(80));
        return Some(&text[start..at + CANARY.len()]);
    }
    let digits: String = text.chars().filter(|it| ![' ', '-'].contains(it)).collect();
    let has_number = digits.contains(&NUMBER.to_string()) || digits.contains(CARD);
    has_number.then_some(text)
}

/// Logs events with secrets.
#[derive(Debug)]
pub struct Canaries {
    rng: fastrand::Rng,
    /// Secrets stand in texts, too, that are known by their look alone.
    by_look: bool,
    events: u64,
    /// Innocent values of the last event.
    innocent: Vec<String>,
}

/// Names that a key may have among its words, and those that it is as a whole.
const WITHIN: [&str; 14] = [
    "password",
    "passwd",
    "token",
    "secret",
    "api_key",
    "authorization",
    "cookie",
    "jwt",
    "private_key",
    "access_key",
    "email",
    "phone",
    "card_number",
    "date_of_birth",
];
const WHOLE: [&str; 8] = [
    "pwd",
    "session_id",
    "mfa_code",
    "apikey",
    "passport_number",
    "nino",
    "pan",
    "id_card",
];

/// `§` stands for the secret.
const URLS: [&str; 30] = [
    "https://user:§@host/x",
    "HTTPS://User:§@Host:8443",
    "postgres://u:§@db:5432/x?sslmode=on",
    "redis://:§@cache:6379/0",
    "mysql+pymysql://u:§@[::1]:3306/x",
    "https://§@github.com/a.git",
    "amqp://u:§w/x?y@host/v",
    "https://u:a'§@h",
    "https://u:%40§@h",
    "https:///u:§@h",
    r"https:\/\/u:§@h\/x",
    r"https:\\u:§@h",
    "/proxy/https:/u:§@h/x",
    "https://u:§\n@h/x",
    "https://u:a\t§@h/x",
    "https://u:a §@h/x",
    "kafka://u:§@a:9092,b:9092",
    "http://a:b@h1,http://c:§@h2",
    "mongodb+srv://u:§@c.example.net/?w=1",
    "https://h/cb?access_token=§&n=1",
    "https://h/#access_token=§",
    "/cb?n=1&token=§",
    "https://h/a;jsessionid=§",
    "https://h/?to%6ben=§",
    "https://h/?X-Amz-Signature=§&a=b",
    "https://h/?next=https%3A%2F%2Fu%3A§%40h",
    "https://h/?next=%2Fcb%3Ftoken%3D§",
    "https://h/?next=%252Fcb%253Ftoken%253D§",
    "jdbc:postgresql://h/db?user=u&password=§",
    "jdbc:sqlserver://h;user=sa;password=§;x=1",
];
const LOOKS: [&str; 16] = [
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIi§.c2ln§",
    "Bearer §0123",
    "basic §=",
    "§.§@mail.example.com",
    "-----BEGIN RSA PRIVATE KEY-----\n§\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\n§",
    "ghp_§0123456789abcdef",
    "sk-§0123456789abcdef",
    "password=§",
    "DB_PASSWORD: \"a §\"",
    r#"{"token":"§","n":1}"#,
    r#"{\"api_key\":[\"§\"]}"#,
    r#"Login { password: Some("a, §"), n: 1 }"#,
    "Authorization: Bearer §",
    "exp 12/26 5105 1051 0510 5100 123",
    "5105-1051-0510-5100",
];

impl Canaries {
    pub fn new(seed: u64, by_look: bool) -> Self {
        Self {
            rng: fastrand::Rng::with_seed(seed),
            by_look,
            events: 0,
            innocent: Vec::new(),
        }
    }

    /// Logs an event, and returns the innocent values that are in it.
    pub fn log(&mut self, log: &Logger) -> Vec<String> {
        self.events += 1;
        let log = log.bind([self.secret_field(), self.innocent_field("bound")]);
        let log = match self.rng.u8(..4) {
            0 => log.named(self.text()),
            _ => log,
        };
        let mut fields = vec![self.secret_field(), self.innocent_field("scoped")];
        if self.rng.u8(..4) == 0 {
            fields.push(("request_id".to_owned(), self.text().into()));
        }
        let _entered = Scope::new(&log, fields).into_entered();
        self.call(&log);
        std::mem::take(&mut self.innocent)
    }

    fn call(&mut self, log: &Logger) {
        let (kept, text, fault) = (self.innocent_value(), self.text(), self.fault());
        match self.rng.u8(..7) {
            0 => info!(logger: log, password = CANARY, accessToken = CANARY, note = text, kept),
            1 => {
                info!(logger: log, kept, "x-api-key" = CANARY, user.pwd = CANARY, "to {text}");
            }
            2 => {
                let (hidden, fields) = (Sensitive::new(CANARY), self.fields());
                warn!(logger: log, kept, hidden, sensitive = { a = CANARY }, pii = { b = CANARY },
                    ..fields, "of {hidden}");
            }
            3 => {
                let fields = self.fields();
                error!(logger: log, kept, err = &fault, ..fields, "because of {fault}");
            }
            4 => {
                let list = serde_json::json!([{"passwordHash": CANARY, "kept": &kept}, [&text]]);
                let fields = self.fields();
                info!(logger: log, list = json(list), %text, ?fault, ..fields);
            }
            5 => {
                let links = serde_json::json!({&text: 1, "secret": [[CANARY]]});
                info!(logger: log, kept, links = json(links), email = CANARY, "x");
            }
            _ => {
                let event = log.event(Level::Critical, &text).fields(self.fields());
                let event = event.field("kept", &kept).field(&text, 1);
                event.error(&fault).emit();
            }
        }
    }

    fn fields(&mut self) -> [(String, FieldValue<'static>); 3] {
        [self.secret_field(), self.secret_field(), self.deep()]
    }

    fn innocent_value(&mut self) -> String {
        let value = format!("kept{}x{}", self.events, self.innocent.len());
        self.innocent.push(value.clone());
        value
    }

    fn innocent_field(&mut self, key: &str) -> (String, FieldValue<'static>) {
        (key.to_owned(), self.innocent_value().into())
    }

    fn secret_field(&mut self) -> (String, FieldValue<'static>) {
        (self.key(), self.secret())
    }

    /// A chain of lists and maps, perhaps beyond all limits.
    fn deep(&mut self) -> (String, FieldValue<'static>) {
        let depth = self.rng.u8(1..=40);
        ("deep".to_owned(), self.level(1, depth))
    }

    fn level(&mut self, depth: u8, last: u8) -> FieldValue<'static> {
        let mut entries = vec![(self.key().into(), self.secret())];
        // What lies deeper may be cut.
        if depth < 15 {
            entries.push(("kept".into(), self.innocent_value().into()));
        }
        entries.push(("note".into(), self.text().into()));
        if depth < last {
            let inner = self.level(depth + 1, last);
            let inner = match self.rng.u8(..4) {
                0 if depth > 15 => FieldValue::List(vec![self.text().into(), inner]),
                _ => inner,
            };
            entries.push(("deeper".into(), inner));
        }
        let map = FieldValue::Map(entries);
        match depth {
            1 if last < 14 => FieldValue::List(vec![map]),
            _ => map,
        }
    }

    fn secret(&mut self) -> FieldValue<'static> {
        let text = || FieldValue::from(CANARY);
        match self.rng.u8(..6) {
            0 => FieldValue::List(vec![text(), FieldValue::List(vec![text()])]),
            1 => FieldValue::Map(vec![("a".into(), text()), (CANARY.into(), text())]),
            2 => FieldValue::U64(NUMBER),
            3 => FieldValue::I128(-i128::from(NUMBER)),
            _ => format!("{}{CANARY}\"", self.rng.u8(..)).into(),
        }
    }

    /// A name in some spelling.
    fn key(&mut self) -> String {
        let name = match self.rng.u8(..3) {
            0 => (*self.rng.choice(&WHOLE).unwrap_or(&"")).to_owned(),
            _ => {
                let name = self.rng.choice(&WITHIN).unwrap_or(&"");
                let before = self.rng.choice(&["", "my_", "x_", "user_"]).unwrap_or(&"");
                let after = self.rng.choice(&["", "_2", "_value", "s"]).unwrap_or(&"");
                format!("{before}{name}{after}")
            }
        };
        let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
        let pascal: String = name.split('_').map(capital).collect();
        let spelt = match self.rng.u8(..7) {
            0 => pascal[..1].to_lowercase() + &pascal[1..],
            1 => pascal,
            2 => name.to_uppercase(),
            3 => name.replace('_', "-").to_uppercase(),
            4 => name.replace('_', "."),
            5 => name.replace('_', "-"),
            _ => name,
        };
        self.disguised(spelt)
    }

    /// With letters that look like others, and with some that cannot be seen.
    fn disguised(&mut self, key: String) -> String {
        let disguise = |letter: char, kind: u8| match (kind, letter) {
            (1, 'a') => 'а',
            (1, 'e') => 'е',
            (1, 'o') => 'о',
            (1, 'c') => 'с',
            (1, 'p') => 'р',
            (1, 's') => 'ѕ',
            (1, 'E') => 'Ε',
            (1, 'O') => 'О',
            (1, 'A') => 'А',
            (2, '!'..='~') if letter.is_ascii_alphabetic() => {
                char::from_u32(u32::from(letter) - 0x21 + 0xff01).unwrap_or(letter)
            }
            _ => letter,
        };
        let kind = self.rng.u8(..6);
        let mut letters: Vec<_> = key.chars().map(|it| disguise(it, kind)).collect();
        if kind == 3 {
            let unseen = ['\u{200b}', '\u{ad}', '\u{2060}', '\u{301}', '\u{feff}'];
            let unseen = *self.rng.choice(&unseen).unwrap_or(&'\u{ad}');
            letters.insert(self.rng.usize(..=letters.len()), unseen);
        }
        letters.into_iter().collect()
    }

    /// A text with a secret in it.
    fn text(&mut self) -> String {
        let form = match self.by_look && self.rng.bool() {
            true => self.rng.choice(&LOOKS),
            false => self.rng.choice(&URLS),
        };
        let text = form.unwrap_or(&"").replace('§', CANARY);
        match self.rng.u8(..6) {
            0 => format!("cannot reach {text}: refused"),
            1 => format!("<{text}>"),
            2 => format!("in \"{text}\""),
            3 => format!("{text} of 世界"),
            4 => format!("({text})"),
            _ => text,
        }
    }

    fn fault(&mut self) -> Fault {
        let cause = Fault(self.text(), None);
        Fault(self.text(), Some(Box::new(cause)))
    }
}

/// An error whose texts hold secrets.
#[derive(Debug)]
struct Fault(String, Option<Box<Fault>>);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_deref().map(|it| it as _)
    }
}
