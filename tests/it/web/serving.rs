//! What is served on, what ends it, and what is open then.

use axum::serve::ListenerExt as _;
use fapilog_axum::{DrainReport, serve};
use tokio::{
    sync::{Semaphore, mpsc, oneshot},
    task::JoinHandle,
};

use super::*;

/// Runs a server until the sender is used.
fn run(server: fapilog_axum::Serve) -> (oneshot::Sender<()>, JoinHandle<DrainReport>) {
    let (stop, stopped) = oneshot::channel();
    let server = server.signal(async { drop(stopped.await) });
    let ended = tokio::spawn(async { server.await.unwrap() });
    (stop, ended)
}

#[tokio::test]
async fn any_listener_of_axum_tells_the_address_of_its_clients() {
    let (layer, memory, pipeline) = capture();
    let handler = get(|ConnectInfo(it): ConnectInfo<SocketAddr>| async move { it.to_string() });
    let app = Router::new().route("/", handler).layer(layer);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let taps = Arc::new(AtomicUsize::new(0));
    let tapped = Arc::clone(&taps);
    let listener = listener.tap_io(move |_| {
        tapped.fetch_add(1, Ordering::SeqCst);
    });
    let (stop, ended) = run(serve(listener, app).pipeline(pipeline));
    let client = tokio::task::spawn_blocking(move || fapilog_tests::http::get(address, "/"));
    let body = client.await.unwrap().body;
    assert!(body.starts_with(b"127.0.0.1:"), "{body:?}");
    assert_eq!(taps.load(Ordering::SeqCst), 1);
    stop.send(()).unwrap();
    assert_settled(&ended.await.unwrap().stats);
    let events = memory.events();
    assert_eq!(field(&events[0], "client_ip"), &"127.0.0.1".into());
}

#[tokio::test]
async fn a_signal_of_ones_own_ends_a_server_as_gracefully() {
    let (layer, memory, pipeline) = capture();
    let (enter, mut entered) = mpsc::unbounded_channel();
    let leave = Arc::new(Semaphore::new(0));
    let may_leave = Arc::clone(&leave);
    let waits = get(move || async move {
        enter.send(()).unwrap();
        drop(may_leave.acquire().await);
    });
    let app = Router::new().route("/", waits).layer(layer);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = serve(listener, app).pipeline(pipeline);
    let (stop, mut ended) = run(server.request_deadline(PATIENCE));
    let client = tokio::task::spawn_blocking(move || fapilog_tests::http::get(address, "/"));
    entered.recv().await.unwrap();
    stop.send(()).unwrap();
    // The signal has been seen when nobody listens any more.
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!ended.is_finished(), "a request is open");
    leave.add_permits(1);
    assert_eq!(client.await.unwrap().status, 200);
    assert_settled(&(&mut ended).await.unwrap().stats);
    assert_eq!(
        outcome(&memory.events()[0]),
        ("request_completed", "completed")
    );
}

#[cfg(target_os = "linux")]
#[test]
fn with_a_signal_of_ones_own_those_of_the_process_are_left_alone() {
    use std::{io::BufRead, os::unix::process::ExitStatusExt, process::Stdio};

    use crate::life::process::{command, wait};

    let mut helper = command(env!("CARGO_BIN_EXE_served"), "waits", &[]);
    let mut helper = helper.stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = std::io::BufReader::new(helper.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    let pid = rustix::process::Pid::from_child(&helper);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let signal = rustix::process::Signal::TERM.as_raw();
    assert_eq!(
        wait(&mut helper).signal(),
        Some(signal),
        "nothing handles it"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn requests_that_outlive_the_deadline_are_told_of_by_name_up_to_ten() {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::process::Stdio;

    use crate::life::process::{command, wait};

    // The signal comes when all twelve have begun.
    let mut helper = command(env!("CARGO_BIN_EXE_served"), "holds 12", &[]);
    let helper = helper.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut helper = helper.spawn().unwrap();
    let mut stderr = BufReader::new(helper.stderr.take().unwrap());
    let mut address = String::new();
    stderr.read_line(&mut address).unwrap();
    let address = address.trim().parse().unwrap();
    let mut streams = Vec::new();
    for number in 0..12 {
        let mut stream = fapilog_tests::http::connect(address);
        let id = format!("open-{number}");
        let bytes = request("GET", "/held", &[("x-request-id", &id)]);
        stream.write_all(&bytes).unwrap();
        streams.push(stream);
    }
    let (mut said, mut logged) = (String::new(), String::new());
    stderr.read_to_string(&mut said).unwrap();
    helper
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut logged)
        .unwrap();
    assert!(wait(&mut helper).success(), "{said}");
    let told = said
        .lines()
        .find(|line| line.contains("still open"))
        .unwrap();
    let list = told.strip_prefix("fapilog: still open at the deadline: 12: ");
    let mut items: Vec<_> = list.expect("their number").split("; ").collect();
    assert_eq!(items.pop(), Some("and 2 more"));
    let names = items.iter().map(|item| {
        assert!(item.ends_with(" s)"), "{item}");
        let (_, after) = item.split_once("GET /held (open-").expect(item);
        after.split_once(", ").expect(item).0.parse().unwrap()
    });
    let names: HashSet<u8> = names.collect();
    assert!(
        names.len() == 10 && names.iter().all(|it| *it < 12),
        "{list:?}"
    );
    let is_cut = |line: &&str| line.contains(r#""outcome":"shutdown""#);
    assert_eq!(logged.lines().filter(is_cut).count(), 12, "{logged}");
}
