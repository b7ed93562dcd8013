//! The presets of redaction, as they are described.

use std::collections::BTreeSet;

/// A preset, as it is described: its fields are those it has itself.
pub(super) struct Described {
    pub(super) name: &'static str,
    pub(super) extends: &'static str,
    pub(super) regulation: &'static str,
    pub(super) region: &'static str,
    pub(super) tags: &'static str,
    pub(super) fields: &'static str,
    /// How many fields it has with those of its parents.
    pub(super) resolved: usize,
}

pub(super) const PRESETS: &[Described] = &[
    Described {
        name: "CONTACT_INFO",
        extends: "",
        regulation: "",
        region: "",
        tags: "pii contact",
        fields: "email e_mail email_address phone phone_number telephone mobile cell fax \
            address street street_address postal_address postcode postal_code zipcode zip_code \
            zip city town state province country",
        resolved: 23,
    },
    Described {
        name: "PERSONAL_IDENTIFIERS",
        extends: "",
        regulation: "",
        region: "",
        tags: "pii identity",
        fields: "name first_name last_name full_name surname given_name middle_name \
            maiden_name nickname dob date_of_birth birth_date birthday age gender sex",
        resolved: 16,
    },
    Described {
        name: "ONLINE_IDENTIFIERS",
        extends: "",
        regulation: "",
        region: "",
        tags: "pii digital",
        fields: "ip ip_address ipv4 ipv6 client_ip remote_ip device_id device_identifier udid \
            idfa gaid mac_address hardware_id user_agent browser_fingerprint cookie_id \
            tracking_id visitor_id",
        resolved: 18,
    },
    Described {
        name: "FINANCIAL_IDENTIFIERS",
        extends: "",
        regulation: "",
        region: "",
        tags: "pii financial",
        fields: "iban bic swift bank_account account_number account_no sort_code \
            routing_number bsb",
        resolved: 9,
    },
    Described {
        name: "US_GOVERNMENT_IDS",
        extends: "",
        regulation: "US",
        region: "US",
        tags: "government-id us",
        fields: "ssn social_security social_security_number itin ein passport passport_number \
            drivers_license driver_license dl_number",
        resolved: 10,
    },
    Described {
        name: "UK_GOVERNMENT_IDS",
        extends: "",
        regulation: "",
        region: "UK",
        tags: "government-id uk",
        fields: "national_insurance ni_number nino nhs_number passport passport_number \
            driving_licence licence_number",
        resolved: 8,
    },
    Described {
        name: "EU_GOVERNMENT_IDS",
        extends: "",
        regulation: "",
        region: "EU",
        tags: "government-id eu",
        fields: "national_id id_number identity_number id_card passport passport_number tax_id \
            tin vat_number drivers_license licence_number",
        resolved: 11,
    },
    Described {
        name: "GDPR_PII",
        extends: "CONTACT_INFO PERSONAL_IDENTIFIERS ONLINE_IDENTIFIERS FINANCIAL_IDENTIFIERS \
            EU_GOVERNMENT_IDS",
        regulation: "GDPR",
        region: "EU",
        tags: "gdpr pii eu",
        fields: "biometric_data genetic_data health_data",
        resolved: 80,
    },
    Described {
        name: "GDPR_PII_UK",
        extends: "GDPR_PII UK_GOVERNMENT_IDS",
        regulation: "UK-GDPR",
        region: "UK",
        tags: "gdpr pii uk",
        fields: "",
        resolved: 85,
    },
    Described {
        name: "CCPA_PII",
        extends: "CONTACT_INFO PERSONAL_IDENTIFIERS ONLINE_IDENTIFIERS FINANCIAL_IDENTIFIERS \
            US_GOVERNMENT_IDS",
        regulation: "CCPA",
        region: "US-CA",
        tags: "ccpa pii us",
        fields: "household_id inferred_preferences purchase_history",
        resolved: 79,
    },
    Described {
        name: "HIPAA_PHI",
        extends: "CONTACT_INFO PERSONAL_IDENTIFIERS US_GOVERNMENT_IDS",
        regulation: "HIPAA",
        region: "US",
        tags: "hipaa phi healthcare us",
        fields: "mrn medical_record_number patient_id health_plan_id beneficiary_id \
            account_number certificate_number license_number vehicle_id vin device_serial \
            device_identifier url web_url biometric_id fingerprint voiceprint photo image",
        resolved: 68,
    },
    Described {
        name: "PCI_DSS",
        extends: "",
        regulation: "PCI-DSS",
        region: "",
        tags: "pci payment financial",
        fields: "card_number credit_card cc_number pan cvv cvc cvv2 cid security_code \
            card_security expiry expiry_date expiration exp_date exp_month exp_year cardholder \
            cardholder_name card_holder card_pin pin track_data track1 track2",
        resolved: 24,
    },
    Described {
        name: "CREDENTIALS",
        extends: "",
        regulation: "",
        region: "",
        tags: "security auth secrets",
        fields: "password passwd pwd pass secret api_secret client_secret shared_secret token \
            access_token refresh_token auth_token bearer_token jwt api_key apikey api_token \
            private_key secret_key signing_key encryption_key authorization auth_header \
            session_id session_token session_key cookie session_cookie auth_cookie otp totp \
            mfa_code verification_code",
        resolved: 33,
    },
];

/// The names of a preset with those of its parents.
pub(super) fn resolved(name: &str) -> BTreeSet<&'static str> {
    let described = PRESETS.iter().find(|it| it.name == name).unwrap();
    let inherited = described.extends.split_whitespace().flat_map(resolved);
    inherited
        .chain(described.fields.split_whitespace())
        .collect()
}
