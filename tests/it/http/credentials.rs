//! Credentials that change.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use fapilog_core::{Action, Http};

use super::{
    ask, ask_for,
    receiver::{Receiver, status},
};

/// A destination that takes one credential only, which the test may change.
fn guarded(valid: &Arc<Mutex<String>>, refusal: u16) -> Receiver {
    let valid = Arc::clone(valid);
    Receiver::new(move |request| {
        let given = request.header("authorization");
        let is_valid = given == Some(&*valid.lock().unwrap());
        status(if is_valid { 200 } else { refusal })
    })
}

#[test]
fn a_credential_that_has_expired_is_asked_for_once_more_and_no_event_is_lost() {
    for refusal in [401, 403] {
        let valid = Arc::new(Mutex::new("Bearer 1".to_owned()));
        let receiver = guarded(&valid, refusal);
        let asked = Arc::new(AtomicUsize::new(0));
        let (counter, current) = (Arc::clone(&asked), Arc::clone(&valid));
        let expiring = Arc::clone(&valid);
        let http = Http::new(receiver.url()).authorization(move || {
            counter.fetch_add(1, Ordering::SeqCst);
            current.lock().unwrap().clone()
        });
        // After the first reply, it is another one.
        let http = http.on_reply(move |_| {
            let mut valid = expiring.lock().unwrap();
            if *valid == "Bearer 1" {
                *valid = "Bearer 2".to_owned();
            }
            Ok(())
        });
        let results = ask_for(http, 3);
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        assert_eq!(
            asked.load(Ordering::SeqCst),
            2,
            "at the start, and when it was refused"
        );
        let requests = receiver.rest();
        let given: Vec<_> = requests
            .iter()
            .map(|it| it.header("authorization").unwrap())
            .collect();
        assert_eq!(given, ["Bearer 1", "Bearer 1", "Bearer 2", "Bearer 2"]);
        let keys: Vec<_> = requests
            .iter()
            .map(|it| it.header("idempotency-key"))
            .collect();
        assert_eq!(keys[1], keys[2], "it is the same batch");
    }
}

#[test]
fn without_another_credential_a_refusal_asks_for_a_pause() {
    let valid = Arc::new(Mutex::new("Bearer right".to_owned()));
    let receiver = guarded(&valid, 401);
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let same = Http::new(receiver.url()).authorization(move || {
        counter.fetch_add(1, Ordering::SeqCst);
        "Bearer wrong".to_owned()
    });
    assert_eq!(ask(same).unwrap_err().action, Action::Pause);
    assert_eq!(
        (asked.load(Ordering::SeqCst), receiver.rest().len()),
        (2, 1)
    );

    // Another one that is wrong too.
    let counter = AtomicUsize::new(0);
    let others = Http::new(receiver.url())
        .authorization(move || format!("Bearer {}", counter.fetch_add(1, Ordering::SeqCst)));
    assert_eq!(ask(others).unwrap_err().action, Action::Pause);
    assert_eq!(receiver.rest().len(), 2, "once more, and no oftener");

    let constant = Http::new(receiver.url()).header("authorization", "Bearer wrong");
    assert_eq!(ask(constant).unwrap_err().action, Action::Pause);
    assert_eq!(receiver.rest().len(), 1);
}

#[test]
fn a_credential_that_cannot_be_sent_yet_asks_for_a_pause_and_is_asked_for_again() {
    let receiver = Receiver::agreeing();
    let count = AtomicUsize::new(0);
    let http = Http::new(receiver.url()).authorization(move || {
        match count.fetch_add(1, Ordering::SeqCst) {
            0 | 1 => "canary\r\nx-forged: 1".to_owned(),
            _ => "Bearer 1".to_owned(),
        }
    });
    let results = ask_for(http, 2);
    let refused = results[0].clone().unwrap_err();
    assert_eq!(refused.action, Action::Pause);
    assert!(!refused.text.contains("canary"), "{}", refused.text);
    assert!(results[1].is_ok());
    let requests = receiver.rest();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].header("authorization"), Some("Bearer 1"));
}
