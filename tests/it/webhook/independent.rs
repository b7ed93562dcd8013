//! Signatures by another implementation, from the specifications: RFC 2104, RFC 4648.

use sha2::{Digest, Sha256};

/// The form of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Standard,
    Fapilog,
}

/// The signature of a body, as one stands in its header.
pub(super) fn signature(
    scheme: Scheme,
    secret: &str,
    id: &str,
    timestamp: &str,
    body: &[u8],
) -> String {
    match scheme {
        Scheme::Standard => {
            let key = match secret.strip_prefix("whsec_") {
                Some(encoded) => decoded(encoded),
                None => secret.as_bytes().to_vec(),
            };
            let text = [format!("{id}.{timestamp}.").as_bytes(), body].concat();
            format!("v1,{}", encoded(&hmac(&key, &text)))
        }
        Scheme::Fapilog => {
            let text = [format!("{timestamp}.").as_bytes(), body].concat();
            let code = hmac(secret.as_bytes(), &text);
            let hex: String = code.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("sha256={hex}")
        }
    }
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut block = [0; 64];
    match key.len() {
        0..=64 => block[..key.len()].copy_from_slice(key),
        _ => block[..32].copy_from_slice(&Sha256::digest(key)),
    }
    let inner = Sha256::digest([&block.map(|byte| byte ^ 0x36)[..], text].concat());
    Sha256::digest([&block.map(|byte| byte ^ 0x5c)[..], &inner].concat()).to_vec()
}

const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn encoded(bytes: &[u8]) -> String {
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let all = (0..3).fold(0, |all, at| {
            all << 8 | three.get(at).map_or(0, |it| u32::from(*it))
        });
        for at in 0..4 {
            let digit = DIGITS[(all >> (18 - 6 * at) & 63) as usize];
            text.push(if at <= three.len() {
                digit as char
            } else {
                '='
            });
        }
    }
    text
}

fn decoded(text: &str) -> Vec<u8> {
    let (mut bytes, mut all, mut bits) = (Vec::new(), 0_u32, 0);
    for digit in text.trim_end_matches('=').bytes() {
        let value = DIGITS.iter().position(|it| *it == digit).unwrap();
        all = all << 6 | value as u32;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((all >> bits) as u8);
        }
    }
    bytes
}

#[test]
fn the_other_implementation_is_right_where_we_know_it() {
    // RFC 4231, test case 2, and the vector of Standard Webhooks.
    let code = hmac(b"Jefe", b"what do ya want for nothing?");
    assert_eq!(code[..4], [0x5b, 0xdc, 0xc1, 0x46]);
    let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    let body = br#"{"test": 2432232314}"#;
    assert_eq!(
        signature(Scheme::Standard, super::SECRET, id, "1614265330", body),
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    );
}
