//! The presets that fapilog brings along.

use super::preset::RedactionPreset;

/// All of them, parents first.
pub(super) fn built_in() -> Vec<RedactionPreset> {
    vec![
        contact_info(),
        personal_identifiers(),
        online_identifiers(),
        financial_identifiers(),
        us_government_ids(),
        uk_government_ids(),
        eu_government_ids(),
        pii_core(),
        gdpr_pii(),
        gdpr_pii_uk(),
        ccpa_pii(),
        hipaa_phi(),
        pci_dss(),
        credentials(),
    ]
}

fn contact_info() -> RedactionPreset {
    RedactionPreset::new("CONTACT_INFO", "Where a person is reached")
        .tags(["pii", "contact"])
        .fields(names(
            "email e_mail email_address phone phone_number telephone mobile cell fax address \
             street street_address postal_address postcode postal_code zipcode zip_code zip city \
             town state province country",
        ))
        .words(names(
            "email phone telephone mobile address postcode postal_code zipcode street",
        ))
}

fn personal_identifiers() -> RedactionPreset {
    RedactionPreset::new("PERSONAL_IDENTIFIERS", "Who a person is")
        .tags(["pii", "identity"])
        .fields(names(
            "name first_name last_name full_name surname given_name middle_name maiden_name \
             nickname dob date_of_birth birth_date birthday age gender sex",
        ))
        .words(names(
            "first_name last_name full_name surname given_name middle_name maiden_name dob birth \
             birthday birthdate",
        ))
}

fn online_identifiers() -> RedactionPreset {
    RedactionPreset::new(
        "ONLINE_IDENTIFIERS",
        "What a person is recognised by online",
    )
    .tags(["pii", "digital"])
    .fields(names(
        "ip ip_address ipv4 ipv6 client_ip remote_ip device_id device_identifier udid idfa \
             gaid mac_address hardware_id user_agent browser_fingerprint cookie_id tracking_id \
             visitor_id",
    ))
    .words(names(
        "ip_address client_ip remote_ip device_id mac_address mac_addr",
    ))
}

fn financial_identifiers() -> RedactionPreset {
    RedactionPreset::new("FINANCIAL_IDENTIFIERS", "Bank accounts")
        .tags(["pii", "financial"])
        .fields(names(
            "iban bic swift bank_account account_number account_no sort_code routing_number bsb",
        ))
        .words(names(
            "iban bank_account account_number account_num account_no sort_code routing_number \
             routing_no",
        ))
}

fn us_government_ids() -> RedactionPreset {
    RedactionPreset::new(
        "US_GOVERNMENT_IDS",
        "Numbers that the authorities of the US give",
    )
    .regulation("US")
    .region("US")
    .tags(["government-id", "us"])
    .fields(names(
        "ssn social_security social_security_number itin ein passport passport_number \
             drivers_license driver_license dl_number",
    ))
    .words(names(
        "ssn social_security passport_number drivers_license driver_license",
    ))
}

fn uk_government_ids() -> RedactionPreset {
    RedactionPreset::new(
        "UK_GOVERNMENT_IDS",
        "Numbers that the authorities of the UK give",
    )
    .region("UK")
    .tags(["government-id", "uk"])
    .fields(names(
        "national_insurance ni_number nino nhs_number passport passport_number \
             driving_licence licence_number",
    ))
    .words(names(
        "national_insurance ni_number ni_no nino nhs nhs_number passport_number \
             driving_licence",
    ))
}

fn eu_government_ids() -> RedactionPreset {
    RedactionPreset::new(
        "EU_GOVERNMENT_IDS",
        "Numbers that authorities in the EU give",
    )
    .region("EU")
    .tags(["government-id", "eu"])
    .fields(names(
        "national_id id_number identity_number id_card passport passport_number tax_id tin \
             vat_number drivers_license licence_number",
    ))
    .words(names(
        "national_id passport tax_id licence_number license_number drivers_license \
             drivers_licence",
    ))
}

/// What hardly any log needs: part of the presets `production` and `hardened` of settings.
fn pii_core() -> RedactionPreset {
    RedactionPreset::new(
        "PII_CORE",
        "E-mail, phone, government ids, cards, bank accounts and dates of birth",
    )
    .extends([
        "US_GOVERNMENT_IDS",
        "UK_GOVERNMENT_IDS",
        "EU_GOVERNMENT_IDS",
    ])
    .tags(["pii"])
    .fields(names("mobile fax bic swift pan cid"))
    .words(names(
        "email e_mail phone telephone mobile_number card_number card_no credit_card \
             debit_card cc_number cvv cvc cvv2 iban bank_account account_number account_no \
             routing_number sort_code dob date_of_birth birth_date birthdate birthday",
    ))
}

fn gdpr_pii() -> RedactionPreset {
    RedactionPreset::new("GDPR_PII", "Personal data in the sense of the GDPR")
        .extends([
            "CONTACT_INFO",
            "PERSONAL_IDENTIFIERS",
            "ONLINE_IDENTIFIERS",
            "FINANCIAL_IDENTIFIERS",
            "EU_GOVERNMENT_IDS",
        ])
        .regulation("GDPR")
        .region("EU")
        .tags(["gdpr", "pii", "eu"])
        .fields(["biometric_data", "genetic_data", "health_data"])
}

fn gdpr_pii_uk() -> RedactionPreset {
    RedactionPreset::new("GDPR_PII_UK", "Personal data in the sense of the UK GDPR")
        .extends(["GDPR_PII", "UK_GOVERNMENT_IDS"])
        .regulation("UK-GDPR")
        .region("UK")
        .tags(["gdpr", "pii", "uk"])
}

fn ccpa_pii() -> RedactionPreset {
    RedactionPreset::new("CCPA_PII", "Personal information in the sense of the CCPA")
        .extends([
            "CONTACT_INFO",
            "PERSONAL_IDENTIFIERS",
            "ONLINE_IDENTIFIERS",
            "FINANCIAL_IDENTIFIERS",
            "US_GOVERNMENT_IDS",
        ])
        .regulation("CCPA")
        .region("US-CA")
        .tags(["ccpa", "pii", "us"])
        .fields(["household_id", "inferred_preferences", "purchase_history"])
}

fn hipaa_phi() -> RedactionPreset {
    RedactionPreset::new(
        "HIPAA_PHI",
        "Protected health information in the sense of HIPAA",
    )
    .extends(["CONTACT_INFO", "PERSONAL_IDENTIFIERS", "US_GOVERNMENT_IDS"])
    .regulation("HIPAA")
    .region("US")
    .tags(["hipaa", "phi", "healthcare", "us"])
    .fields(names(
        "mrn medical_record_number patient_id health_plan_id beneficiary_id account_number \
             certificate_number license_number vehicle_id vin device_serial device_identifier url \
             web_url biometric_id fingerprint voiceprint photo image",
    ))
    .words(["mrn", "medical_record", "patient_id", "health_plan"])
}

fn pci_dss() -> RedactionPreset {
    RedactionPreset::new("PCI_DSS", "Data of payment cards in the sense of PCI DSS")
        .regulation("PCI-DSS")
        .tags(["pci", "payment", "financial"])
        .fields(names(
            "card_number credit_card cc_number pan cvv cvc cvv2 cid security_code card_security \
             expiry expiry_date expiration exp_date exp_month exp_year cardholder cardholder_name \
             card_holder card_pin pin track_data track1 track2",
        ))
        .words(names(
            "card_number card_num card_no credit_card cc_number cvv cvc cvv2 card_expiry \
             card_expiration expiry_date expiration_date cardholder card_holder card_security \
             card_pin primary_account_number",
        ))
}

/// What opens doors. The URLs of all presets, and the text of messages under `value_patterns`,
/// follow it too.
pub(super) fn credentials() -> RedactionPreset {
    let fields = "password passwd pwd pass secret api_secret client_secret shared_secret token \
        access_token refresh_token auth_token bearer_token jwt api_key apikey api_token \
        private_key secret_key signing_key encryption_key authorization auth_header session_id \
        session_token session_key cookie session_cookie auth_cookie otp totp mfa_code \
        verification_code";
    let more = "passphrase passcode bearer access_key auth auth_key authorisation credential";
    RedactionPreset::new("CREDENTIALS", "Passwords, keys, tokens, sessions")
        .tags(["security", "auth", "secrets"])
        .fields(names(fields))
        .words(names(fields))
        .words(names(more))
}

fn names(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split_ascii_whitespace()
}
