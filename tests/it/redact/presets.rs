//! What presets of redaction mask, and what they leave.

use std::collections::BTreeSet;

use fapilog_core::{
    LoggerBuilder, info, json,
    redact::{RedactionPreset, Registry},
};
use serde_json::{Map, Value, json as value};

use super::{
    MASK,
    described::{PRESETS, resolved},
    events,
};

/// What the settings presets `production` and the like mask besides `CREDENTIALS`.
const PII_CORE: &str = "\
    email e_mail user_email phone phone_number telephone mobile_number ssn \
    social_security_number passport passport_number nino nhs_number tax_id card_number \
    credit_card cvv iban bank_account account_number dob date_of_birth birthday";

/// Keys that look like names of presets, and are none.
const INNOCENT: &str = "\
    author authors_count authority authentic coauthor tokenizer tokenize tokenization passenger \
    passengers secretary secretariat secretion compass keyboard passage surpass monkey hockey \
    turkey keynote hotkey key primary_key foreign_key partition_key passive bypass trespass \
    passion passingBy cookiecutter obsession session_count laptop hot_plug footprint bearing \
    forbearance credence incredible pwdx hostname file_name filename username namespace rename \
    nameserver tournament page stage package percentage storage essex sextant estate statement \
    stateless capacity velocity downtown cellular cellar blackmail mailbox phoneme microphone \
    automobile mobility addressee addressable streetwise zipper unzip gzip zipkin countryside \
    provincial ship clip recipe description pipeline equip panel japan expand company spin \
    pinned pin_board opinion acid lucid incident decide bicycle public arabic swiftly router \
    routing_key accounting account_type discount vinyl marvin tiny latin einstein protein lesson \
    classname domino expires_in expired imagery photon urlencoded curl soundtrack tracker \
    cardboard wildcard discard pinterest dobson adobe birthmark agenda gendered household \
    purchase licensee taxi syntax international_id id_cardinality ribbon isbn faction";

/// A name of words with `_` between them as it may be spelt.
fn spellings(name: &str) -> [String; 6] {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    let pascal: String = name.split('_').map(capital).collect();
    [
        name.to_owned(),
        pascal[..1].to_lowercase() + &pascal[1..],
        name.to_uppercase().replace('_', "-"),
        name.to_uppercase(),
        name.replace('_', "."),
        pascal,
    ]
}

/// At each depth the key and an innocent one beside it, also in a list.
fn nested(key: &str, depth: u32) -> Value {
    let mut level = Map::new();
    level.insert(key.to_owned(), value!({"secret": ["canary", 1]}));
    level.insert("innocent".to_owned(), depth.into());
    let item = value!({key: "canary", "innocent": depth});
    level.insert("list".to_owned(), value!([depth, [item]]));
    if depth < 16 {
        level.insert("deeper".to_owned(), nested(key, depth + 1));
    }
    level.into()
}

/// What has to be left of it.
fn masked(key: &str, depth: u32) -> Value {
    let mut left = value!({key: MASK, "innocent": depth});
    left["list"] = value!([depth, [{key: MASK, "innocent": depth}]]);
    if depth < 16 {
        left["deeper"] = masked(key, depth + 1);
    }
    left
}

fn with(presets: &[&str]) -> LoggerBuilder {
    // Lists are levels too.
    let deep = |builder: LoggerBuilder| {
        builder.configure(|all| {
            all.core.max_depth = 32;
            all.core.redaction_max_depth = 32;
        })
    };
    deep(LoggerBuilder::new().redact_presets(presets.iter().copied()))
}

fn assert_masked(builder: LoggerBuilder, names: impl IntoIterator<Item = &'static str>) {
    let keys: Vec<_> = names.into_iter().flat_map(spellings).collect();
    let events = events(builder, |log| {
        for key in &keys {
            let top = [(key, "canary")];
            info!(logger: log, innocent = 0, nested = json(nested(key, 2)), ..top, "x");
        }
    });
    assert_eq!(events.len(), keys.len());
    for (event, key) in events.iter().zip(&keys) {
        let expected = value!({"innocent": 0, key: MASK, "nested": masked(key, 2)});
        assert_eq!(event["data"], expected, "{key}");
    }
}

#[test]
fn every_field_of_every_preset_is_masked_at_any_depth_in_lists_and_in_any_spelling() {
    for preset in PRESETS {
        assert_masked(with(&[preset.name]), resolved(preset.name));
    }
    assert_masked(with(&["PII_CORE"]), PII_CORE.split_whitespace());
}

#[test]
fn presets_of_settings_mask_credentials_and_what_identifies_persons() {
    let deep = |name| {
        super::preset(name).configure(|all| {
            all.core.max_depth = 32;
            all.core.redaction_max_depth = 32;
        })
    };
    let core = || {
        resolved("CREDENTIALS")
            .into_iter()
            .chain(PII_CORE.split_whitespace())
    };
    for name in ["production", "axum", "serverless"] {
        assert_masked(deep(name), core());
    }
    let more = resolved("HIPAA_PHI").into_iter().chain(resolved("PCI_DSS"));
    assert_masked(deep("hardened"), core().chain(more));
}

#[test]
fn keys_that_only_look_like_names_survive_every_preset() {
    assert!(INNOCENT.split_whitespace().count() > 100);
    let names = PRESETS.iter().map(|it| it.name).chain(["PII_CORE"]);
    let all: Vec<_> = names.clone().collect();
    let fields = INNOCENT.split_whitespace().map(|key| (key, "seen"));
    let each = |presets: &[&str]| {
        let events = events(with(presets), |log| {
            let spelt = INNOCENT
                .split_whitespace()
                .map(|key| (key.to_uppercase(), value!("seen")));
            let spelt = Value::from_iter(spelt);
            info!(logger: log, nested = json([spelt]), ..fields.clone(), "x");
        });
        let data = events[0]["data"].as_object().unwrap();
        for key in INNOCENT.split_whitespace() {
            assert_eq!(data[key], "seen", "{presets:?} hides {key}");
            let nested = &data["nested"][0][key.to_uppercase()];
            assert_eq!(nested, "seen", "{presets:?} hides {key}");
        }
    };
    for name in names {
        each(&[name]);
    }
    each(&all);
}

#[test]
fn presets_are_described_and_found_by_law_region_and_tag() {
    let registry = Registry::new();
    for described in PRESETS {
        let preset = registry.get(described.name).unwrap();
        let parents: Vec<_> = preset.parents().collect();
        assert_eq!(parents.join(" "), described.extends);
        let own: BTreeSet<_> = preset.own_fields().collect();
        assert_eq!(
            own,
            described.fields.split_whitespace().collect(),
            "{preset:?}"
        );
        let all = registry.resolve(described.name).unwrap();
        let all: BTreeSet<_> = all.iter().flat_map(|it| it.own_fields()).collect();
        assert_eq!(all.len(), described.resolved, "{}", described.name);
        let (law, region) = (described.regulation, described.region);
        assert_eq!(preset.is_of_regulation(law), !law.is_empty(), "{law}");
        assert_eq!(preset.is_of_region(region), !region.is_empty(), "{region}");
        assert!(
            described
                .tags
                .split_whitespace()
                .all(|tag| preset.has_tag(tag))
        );
        assert!(!preset.description().is_empty());
    }
    assert_eq!(registry.all().count(), PRESETS.len() + 1);
    let count = |is: &dyn Fn(&RedactionPreset) -> bool| registry.all().filter(|it| is(it)).count();
    assert_eq!(count(&|it| it.is_of_regulation("uk-gdpr")), 1);
    assert_eq!(count(&|it| it.is_of_region("EU")), 2);
    assert_eq!(count(&|it| it.has_tag("PII")), 8);
    assert_eq!(count(&|it| it.has_tag("none")), 0);
}

#[test]
fn presets_of_ones_own_take_over_from_others_and_may_take_their_place() {
    let shop = RedactionPreset::new("SHOP", "")
        .extends(["PCI_DSS"])
        .fields(["loyalty_id"])
        .words(["gift"]);
    let small = RedactionPreset::new("pci_dss", "").fields(["card_number"]);
    let data = |builder: LoggerBuilder| {
        let builder = builder
            .redaction_preset(shop.clone())
            .redact_presets(["shop"]);
        let fields = [
            ("loyaltyId", 1),
            ("giftMessage", 2),
            ("cvv", 3),
            ("cardNumber", 4),
        ];
        let events = events(builder, |log| info!(logger: log, lifted = 5, ..fields));
        events[0]["data"].clone()
    };
    let expected = |cvv: Value| {
        value!({"lifted": 5, "loyaltyId": MASK, "giftMessage": MASK, "cvv": cvv,
            "cardNumber": MASK})
    };
    assert_eq!(data(LoggerBuilder::new()), expected(MASK.into()));
    let replaced = LoggerBuilder::new().redaction_preset(small);
    assert_eq!(data(replaced), expected(3.into()));
}

#[test]
fn a_preset_that_takes_over_from_itself_or_from_none_ends_the_start() {
    let refused = |parent: &str| {
        let own = RedactionPreset::new("OWN", "").extends([parent]);
        let other = RedactionPreset::new("OTHER", "").extends(["own"]);
        let builder = LoggerBuilder::new()
            .redaction_preset(own)
            .redaction_preset(other);
        let builder = builder.redact_presets(["OWN"]).sink(fapilog_core::Null);
        builder.build().unwrap_err().to_string()
    };
    let circle = refused("other");
    assert!(circle.contains("takes over from itself"), "{circle}");
    let unknown = refused("SOC2");
    assert!(
        unknown.contains("SOC2") && unknown.contains("CREDENTIALS"),
        "{unknown}"
    );
    assert!(refused("own").contains("takes over from itself"));
}
