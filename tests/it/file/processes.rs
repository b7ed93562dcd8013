//! Several processes that write to one file.

use fapilog_tests::scaled;

use super::*;

const PROCESSES: usize = 8;

fn together(scratch: &Scratch, options: &str) -> (Oracle, Vec<PathBuf>) {
    let each = scaled(2000);
    let path = scratch.path("app.log");
    let running: Vec<_> = (0..PROCESSES)
        .map(|number| {
            let from = number * each;
            let logs = format!("log:{} flush ", each / 4).repeat(4);
            let words = format!(
                "at:{} {options}from:{from} ready wait {logs}",
                path.display()
            );
            Running::start(words.trim())
        })
        .collect();
    running.iter().for_each(Running::wait_until_ready);
    let mut running = running;
    running.iter_mut().for_each(Running::go_on);
    for running in running {
        assert_eq!(running.books()["delivered"], each);
    }
    (
        Oracle::having_issued((PROCESSES * each) as u64),
        files(&scratch.0),
    )
}

#[test]
fn lines_of_several_processes_are_never_torn() {
    let scratch = Scratch::new("together");
    let (oracle, files) = together(&scratch, "");
    assert_eq!(files.len(), 1);
    assert_eq!(judge(&oracle, files), oracle.issued());
}

#[test]
fn one_of_several_processes_rotates_and_the_others_follow() {
    let scratch = Scratch::new("follow");
    let (oracle, files) = together(&scratch, "max=200000 ");
    assert!(files.len() > 10, "{} files", files.len());
    for file in &files {
        // Each of the others may have had a few batches in hand, if the one that rotates has to wait
        // for a processor.
        let size = fs::metadata(file).unwrap().len();
        assert!(
            size <= 200_000 + 4 * (PROCESSES as u64) * 65_536,
            "{size} bytes"
        );
        // And none is put aside a second time, by another one, when it has just begun.
        assert!(size > 100_000 || file.ends_with("app.log"), "{size} bytes");
    }
    assert_eq!(judge(&oracle, files), oracle.issued());
}

#[test]
fn half_a_line_of_another_process_is_overwritten_while_the_file_is_in_use() {
    let scratch = Scratch::new("half");
    let path = scratch.path("app.log");
    let logged = Logged::to(RotatingFile::at(&path));
    for half in [r#"{"mess"#, r#"{"message":"a "#, "  {", "   "] {
        logged.log(1);
        let other = fs::File::options().append(true).open(&path);
        other.unwrap().write_all(half.as_bytes()).unwrap();
        logged.log(2);
        // One that comes then finds it, too.
        Logged::to(RotatingFile::at(&path)).log(0);
        events(&path);
    }
    logged.end_whole([path]);
}

#[test]
fn a_process_that_is_killed_while_it_writes_leaves_whole_lines() {
    let mut random = fapilog_tests::random();
    for others in [0, 3] {
        let scratch = Scratch::new(&format!("killed-{others}"));
        let path = scratch.path("app.log");
        let mut issued = 0;
        let mut start = |each: usize| {
            let from = issued;
            issued += each as u64;
            let words = format!(
                "at:{} max=1000000 from:{from} ready wait log:{each} flush",
                path.display()
            );
            let mut running = Running::start(&words);
            running.wait_until_ready();
            running.go_on();
            running
        };
        let each = scaled(20_000);
        let running: Vec<_> = (0..others).map(|_| start(each)).collect();
        let mut least = (others * each) as u64;
        for _ in 0..scaled(10) {
            let mut killed = start(1_000_000);
            let patience = Duration::from_micros(random.u64(0..50_000));
            let begun = Instant::now();
            while begun.elapsed() < patience {
                thread::yield_now();
            }
            killed.child.kill().unwrap();
            killed.child.wait().unwrap();
        }
        for running in running {
            assert_eq!(running.books()["delivered"], each);
        }
        start(1).books();
        least += 1;
        assert!(judge(&Oracle::having_issued(issued), files(&scratch.0)) >= least);
    }
}
