//! What is to be done after a reply, or where there is none.

use crate::error::Action;

/// What is to be done after a reply with this status: nothing, if the destination took the events.
/// Which one says that the endpoint is gone for ever depends on whose it is.
///
/// | status | | why |
/// |---|---|---|
/// | 200 to 299 | taken | |
/// | 100 to 199, 300 to 399 | [`Action::GiveUp`] | no final answer; redirects are not followed |
/// | 400, 413, 422 | [`Action::Split`] | an event is refused, or all are too large together |
/// | 408, 409, 423, 425 | [`Action::Retry`] | it was not the time for it |
/// | 429 | [`Action::Throttle`] | too many requests |
/// | 401, 402, 403, 407, 511 | [`Action::Pause`] | credentials |
/// | 404, 405, 406, 411, 412, 414, 415, 417, 421, 424, 426, 428, 431, 451 | [`Action::Pause`] | the endpoint, or how it is set up |
/// | 410 | `gone` | the endpoint is closed |
/// | 501, 505, 506, 508, 510 | [`Action::Pause`] | the destination cannot do it, however often it is asked |
/// | other 4xx | [`Action::Split`] | as 400, by RFC 9110 |
/// | all others | [`Action::Retry`] | the destination failed; by RFC 9110, so does one outside of the classes |
pub(in crate::sink) fn of_status(status: u16, gone: Action) -> Result<(), Action> {
    match status {
        200..=299 => Ok(()),
        100..=199 | 300..=399 => Err(Action::GiveUp),
        408 | 409 | 423 | 425 => Err(Action::Retry),
        429 => Err(Action::Throttle),
        401..=407 | 411 | 412 | 414 | 415 | 417 | 421 | 424 | 426 | 428 | 431 | 451 => {
            Err(Action::Pause)
        }
        410 => Err(gone),
        501 | 505 | 506 | 508 | 510 | 511 => Err(Action::Pause),
        400..=499 => Err(Action::Split),
        _ => Err(Action::Retry),
    }
}

/// What is to be done where there is no reply. A request that cannot even be made is of no use; all
/// else may be another time: who could not be reached, was too slow, broke off, or was not who it
/// claims to be.
pub(in crate::sink) fn of_error(error: &reqwest::Error) -> Action {
    match error.is_builder() {
        true => Action::GiveUp,
        false => Action::Retry,
    }
}

/// What a reply with this status means, for people.
pub(super) fn meaning(status: u16) -> &'static str {
    match status {
        200..=299 => "the events were taken",
        300..=399 => "redirects are not followed; the endpoint is to be changed",
        401 | 402 | 403 | 407 | 511 => "the credentials are to be mended",
        408 | 409 | 423 | 425 | 429 => "it is to be tried later",
        413 => "the events are too large together",
        410 => "the endpoint is closed",
        404 | 405 | 406 | 411 | 412 | 414 | 415 | 417 | 421 | 424 | 426 | 428 | 431 | 451 => {
            "the endpoint, or how it is set up, is to be mended"
        }
        400..=499 => "an event is refused",
        501 | 505 | 506 | 508 | 510 => "the destination cannot do that",
        500..=599 => "the destination failed",
        _ => "that is no final answer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each status from 100 to 599 stands in one of these.
    const TABLE: &[(&[std::ops::RangeInclusive<u16>], Option<Action>)] = &[
        (&[200..=299], None),
        (&[100..=199, 300..=399], Some(Action::GiveUp)),
        (
            &[
                400..=400,
                413..=413,
                416..=416,
                418..=420,
                422..=422,
                427..=427,
                430..=430,
                432..=450,
                452..=499,
            ],
            Some(Action::Split),
        ),
        (
            &[
                408..=409,
                423..=423,
                425..=425,
                500..=500,
                502..=504,
                507..=507,
                509..=509,
                512..=599,
            ],
            Some(Action::Retry),
        ),
        (&[429..=429], Some(Action::Throttle)),
        (
            &[
                401..=407,
                411..=412,
                414..=415,
                417..=417,
                421..=421,
                424..=424,
                426..=426,
                428..=428,
                431..=431,
                451..=451,
                501..=501,
                505..=506,
                508..=508,
                510..=511,
            ],
            Some(Action::Pause),
        ),
        (&[410..=410], Some(Action::Disable)),
    ];

    #[test]
    fn each_status_has_one_action() {
        let mut seen = 0;
        for status in 100..=599 {
            let rows = TABLE.iter();
            let mut rows =
                rows.filter(|(ranges, _)| ranges.iter().any(|range| range.contains(&status)));
            let (_, expected) = rows.next().unwrap();
            assert!(rows.next().is_none(), "{status} stands there twice");
            let told = of_status(status, Action::Disable).err();
            assert_eq!(told, *expected, "{status}");
            seen += 1;
        }
        assert_eq!(seen, 500);
    }

    #[test]
    fn a_status_of_no_class_is_a_failure_of_the_destination() {
        for status in [0, 99, 600, 999] {
            let told = of_status(status, Action::Pause);
            assert_eq!(told, Err(Action::Retry), "{status}");
        }
    }

    #[test]
    fn who_asks_says_what_becomes_of_an_endpoint_that_is_gone() {
        for gone in [Action::Disable, Action::Pause] {
            assert_eq!(of_status(410, gone), Err(gone));
        }
    }
}
