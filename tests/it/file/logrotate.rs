//! Debian's `logrotate`, which puts files aside while they are written to.

use fapilog_tests::scaled;

use super::*;

const EACH: usize = 2000;

/// The helper, and a `logrotate` that is set up for its file.
struct Rotated {
    scratch: Scratch,
    path: PathBuf,
    running: Running,
}

impl Rotated {
    fn new(name: &str, how: &str, rounds: usize) -> Self {
        let scratch = Scratch::new(name);
        let path = scratch.logs().join("app.log");
        let steps = format!("log:{EACH} flush ready wait ").repeat(rounds);
        let words = format!("at:{} hangup=yes ready wait {steps}", path.display());
        let running = Running::start(words.trim());
        let settings = how.replace("PID", &running.child.id().to_string());
        let settings = format!("{} {{\nrotate 1000\n{settings}\n}}\n", path.display());
        fs::write(scratch.path("settings"), settings).unwrap();
        running.wait_until_ready();
        // The sink begins its file on a thread of its own.
        until("there is a file to rotate", || path.exists());
        Self {
            scratch,
            path,
            running,
        }
    }

    fn rotate(&self) {
        // It is no program for all: it has a directory of its own.
        let paths = format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default());
        let mut logrotate = Command::new("sh");
        let script =
            "command -v logrotate >/dev/null || exit 127; exec logrotate -f -s \"$1\" \"$2\"";
        logrotate.env("PATH", paths).args(["-c", script, "sh"]);
        logrotate.args(["state", "settings"].map(|name| self.scratch.path(name)));
        let rotated = logrotate.status().unwrap();
        assert!(rotated.code() != Some(127), "apt-get install logrotate");
        assert!(rotated.success(), "logrotate failed");
    }

    /// All files, the ends of which may be missing in copies that were made while somebody wrote.
    fn lines(&self) -> Vec<String> {
        let files = files(&self.scratch.logs()).into_iter();
        let texts = files.map(|file| fs::read_to_string(file).unwrap());
        let whole = |text: String| {
            let (whole, _) = text.rsplit_once('\n').unwrap_or_default();
            whole.lines().map(str::to_owned).collect::<Vec<_>>()
        };
        texts
            .flat_map(whole)
            .filter(|it| !it.trim().is_empty())
            .collect()
    }
}

fn arrived(lines: &[String], issued: usize) -> u64 {
    let oracle = Oracle::having_issued(issued as u64);
    oracle.judge(lines.iter().map(String::as_str))
}

#[test]
fn logrotate_with_create_and_a_signal_loses_nothing() {
    let rounds = scaled(5);
    let create = "create 0640\npostrotate\nkill -HUP PID\nendscript";
    let mut rotated = Rotated::new("create", create, 2 * rounds);
    for _ in 0..rounds {
        // The helper logs meanwhile.
        rotated.running.go_on();
        rotated.rotate();
        rotated.running.wait_until_ready();
        rotated.running.go_on();
        rotated.running.wait_until_ready();
        assert!(fs::metadata(&rotated.path).unwrap().len() > 0);
    }
    rotated.running.go_on();
    let issued = 2 * rounds * EACH;
    assert_eq!(rotated.running.told()["delivered"], issued);
    assert_eq!(files(&rotated.scratch.logs()).len(), 1 + rounds);
    assert_eq!(arrived(&rotated.lines(), issued), issued as u64);
}

#[test]
fn logrotate_with_copytruncate_loses_what_comes_between_copy_and_cut_alone() {
    let rounds = scaled(5);
    for is_busy in [false, true] {
        let mut rotated = Rotated::new("copytruncate", "copytruncate", rounds);
        for _ in 0..rounds {
            rotated.running.go_on();
            if is_busy {
                rotated.rotate();
            }
            rotated.running.wait_until_ready();
            if !is_busy {
                rotated.rotate();
            }
        }
        rotated.running.go_on();
        assert_eq!(rotated.running.told()["delivered"], rounds * EACH);
        let text = fs::read(&rotated.path).unwrap();
        assert!(!text.contains(&0), "a hole");
        let lines = rotated.lines();
        let arrived = arrived(&lines, rounds * EACH);
        assert!(arrived > 0);
        if !is_busy {
            assert_eq!(arrived, (rounds * EACH) as u64);
        }
    }
}
