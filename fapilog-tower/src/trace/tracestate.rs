//! `tracestate`: what other tracing systems want handed on with a trace.

use http::{HeaderMap, HeaderName, HeaderValue};

pub(crate) const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Bytes of all members together: those that everybody has to hand on.
const LONGEST: usize = 512;
const MOST_MEMBERS: usize = 32;
const LONGEST_KEY: usize = 256;
const LONGEST_TENANT: usize = 241;
const LONGEST_SYSTEM: usize = 14;
const LONGEST_VALUE: usize = 256;

/// The state that the client sent, its lines joined, as it is; `None` if it is empty, too long or
/// not valid.
pub(super) fn of(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut lines = headers.get_all(TRACESTATE).iter();
    let first = lines.next()?;
    if first.len() > LONGEST {
        return None;
    }
    let Some(second) = lines.next() else {
        return is_valid(first.as_bytes()).then(|| first.clone());
    };
    let mut joined = first.as_bytes().to_vec();
    for line in std::iter::once(second).chain(lines) {
        joined.push(b',');
        joined.extend_from_slice(line.as_bytes());
        if joined.len() > LONGEST {
            return None;
        }
    }
    let state = is_valid(&joined).then(|| HeaderValue::from_bytes(&joined));
    state?.ok()
}

/// Whether it has members, not too many, each of them empty or valid.
fn is_valid(state: &[u8]) -> bool {
    let members = || state.split(|&byte| byte == b',').map(trimmed);
    state.len() <= LONGEST
        && members().count() <= MOST_MEMBERS
        && members().all(|it| it.is_empty() || is_member(it))
        && members().any(|it| !it.is_empty())
}

/// Without the blanks and tabs around it.
fn trimmed(mut member: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = member {
        member = rest;
    }
    member
}

fn is_member(member: &[u8]) -> bool {
    let Some(at) = member.iter().position(|&byte| byte == b'=') else {
        return false;
    };
    is_key(&member[..at]) && is_value(&member[at + 1..])
}

/// A name, or a tenant `@` a system.
fn is_key(key: &[u8]) -> bool {
    match key.iter().position(|&byte| byte == b'@') {
        None => is_name(key, LONGEST_KEY, false),
        Some(at) => {
            is_name(&key[..at], LONGEST_TENANT, true)
                && is_name(&key[at + 1..], LONGEST_SYSTEM, false)
        }
    }
}

fn is_name(name: &[u8], longest: usize, may_begin_with_digit: bool) -> bool {
    let begins =
        |byte: u8| byte.is_ascii_lowercase() || may_begin_with_digit && byte.is_ascii_digit();
    let goes_on =
        |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-*/".contains(byte);
    name.len() <= longest
        && name.first().is_some_and(|&byte| begins(byte))
        && name.iter().all(goes_on)
}

/// Printable; a blank at its end would have been trimmed.
fn is_value(value: &[u8]) -> bool {
    let known = |byte: &u8| matches!(byte, b' '..=b'~') && *byte != b'=';
    (1..=LONGEST_VALUE).contains(&value.len()) && value.iter().all(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state_of<T: AsRef<[u8]>>(lines: &[T]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(TRACESTATE, HeaderValue::from_bytes(line.as_ref()).unwrap());
        }
        of(&headers).map(|state| state.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_valid_state_is_kept_as_it_is() {
        let members = |count: usize| {
            let members: Vec<_> = (0..count).map(|at| format!("k{at}=v")).collect();
            members.join(",")
        };
        let all = "_-*/ abcxyz 0189".replace(' ', "");
        for state in [
            "a=1".to_owned(),
            "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE".to_owned(),
            "a=1 \t, \t b=2".to_owned(),
            "a=1,,b=2,".to_owned(),
            "a=1,a=2".to_owned(),
            "0tenant@system=x".to_owned(),
            format!("z{all}=!\"#$%&'()*+-./:;<>?@[\\]^_`{{|}}~ x"),
            format!("{}=1", "z".repeat(256)),
            format!("{}@{}=1", "t".repeat(241), "v".repeat(14)),
            format!("a={}", "v".repeat(256)),
            members(32),
            format!("a={},b={}", "v".repeat(251), "v".repeat(256)),
        ] {
            assert_eq!(state_of(&[&state]).as_ref(), Some(&state));
        }
    }

    #[test]
    fn lines_are_joined_in_their_order() {
        let joined = state_of(&["a=1", "b=2,c=3", "", "d=4"]);
        assert_eq!(joined.as_deref(), Some("a=1,b=2,c=3,,d=4"));
    }

    #[test]
    fn anything_else_is_dropped() {
        let long = |byte: &str, count| byte.repeat(count);
        for state in [
            String::new(),
            " , ".to_owned(),
            "a".to_owned(),
            "a=".to_owned(),
            "=1".to_owned(),
            "a=1=2".to_owned(),
            "A=1".to_owned(),
            "1a=1".to_owned(),
            "a b=1".to_owned(),
            "a =1".to_owned(),
            "a=\t1".to_owned(),
            "a=1;b".to_owned() + ",B=2",
            "@system=1".to_owned(),
            "tenant@=1".to_owned(),
            "tenant@1system=1".to_owned(),
            "a@b@c=1".to_owned(),
            "a=\u{e9}".to_owned(),
            format!("{}=1", long("z", 257)),
            format!("{}@v=1", long("t", 242)),
            format!("t@{}=1", long("v", 15)),
            format!("a={}", long("v", 257)),
            ["a=1"; 33].join(","),
            format!("a={},b={}", long("v", 252), long("v", 256)),
        ] {
            assert_eq!(state_of(&[&state]), None, "{state}");
        }
        assert_eq!(state_of::<&str>(&[]), None);
        assert_eq!(state_of(&["a=1"; 33]), None);
        let (one, other) = (
            format!("a={}", long("v", 252)),
            format!("b={}", long("v", 256)),
        );
        assert_eq!(state_of(&[one, other]), None);
        assert_eq!(state_of(&["a=1", "B=2"]), None);
    }
}
